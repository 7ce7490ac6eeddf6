import type { ReactNode } from 'react';
import type { Action } from '../../../../src/domain/access/matrix.ts';
import { useMatrix, useMay } from '../../api/rights.ts';

/** What somebody may do, or whose it is to do. */
export function Offered({ action, children }: { readonly action: Action; readonly children: ReactNode }) {
  const may = useMay();
  const { data: matrix } = useMatrix();
  if (may(action)) return <div className="row">{children}</div>;
  const rule = matrix?.rules.find((one) => one.action === action);
  if (rule === undefined) return null;
  return (
    <p className="quiet small">
      To change this takes the role {Object.keys(rule.allows).join(' or ')}
      {rule.scope === 'installation' ? ' on every project' : ''} (<code>{action}</code>).
    </p>
  );
}
