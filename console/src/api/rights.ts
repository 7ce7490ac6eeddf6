/** What the person who looks may do, by the table that the server enforces: only so that nobody is led to a closed door. */
import { useQuery } from '@tanstack/react-query';
import type { MatrixView } from '../../../src/api/contract/access.ts';
import type { Action } from '../../../src/domain/access/matrix.ts';
import { look } from './call.ts';
import { useSelf } from './queries.ts';

export function useMatrix() {
  return useQuery({
    queryKey: ['matrix'],
    queryFn: ({ signal }) => look<MatrixView>('/api/v1/access/matrix', signal),
    staleTime: Infinity,
  });
}

/** Answers false while it is not known. Actions of the whole installation take a role on every project. */
export function useMay(): (action: Action) => boolean {
  const { data: self } = useSelf();
  const { data: matrix } = useMatrix();
  return (action) => {
    const rule = matrix?.rules.find((one) => one.action === action);
    if (rule === undefined || self === undefined) return false;
    if (rule.scope === 'self') return true;
    return self.rights.some(
      ({ role, project }) => rule.allows[role] !== undefined && (rule.scope !== 'installation' || project === null),
    );
  };
}
