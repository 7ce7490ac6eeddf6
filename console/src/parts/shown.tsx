import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading, Trouble } from './trouble.tsx';

/** What was asked for once it is there; until then that it is on its way, or why it does not come. */
export function Shown<Answer>({
  query,
  what,
  heading,
  children,
}: {
  readonly query: UseQueryResult<Answer>;
  readonly what: string;
  /** Of a screen that would otherwise have none by then. */
  readonly heading?: string;
  readonly children: (answer: Answer) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return (
    <div className="stack">
      {heading === undefined ? null : <h1>{heading}</h1>}
      {query.isPending ? <Loading what={what} /> : <Trouble error={query.error} onRetry={() => void query.refetch()} />}
    </div>
  );
}
