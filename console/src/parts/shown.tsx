import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading, Trouble } from './trouble.tsx';

/** What was asked for once it is there; until then that it is on its way, or why it does not come. */
export function Shown<Answer>({
  query,
  what,
  children,
}: {
  readonly query: UseQueryResult<Answer>;
  readonly what: string;
  readonly children: (answer: Answer) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <Loading what={what} />;
  return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
}
