import type { ReactNode } from 'react';
import type { Action } from '../../../../src/domain/access/matrix.ts';
import { useMatrix, useMay } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';

/** What somebody may do, or whose it is to do; and how the same is listed in a terminal. */
export function Offered({
  action,
  command,
  children,
}: {
  readonly action: Action;
  readonly command: string;
  readonly children: ReactNode;
}) {
  const may = useMay();
  return (
    <div className="row">
      {may(action) ? children : <Whose action={action} />}
      <Command text={command} />
    </div>
  );
}

function Whose({ action }: { readonly action: Action }) {
  const { data: matrix } = useMatrix();
  const rule = matrix?.rules.find((one) => one.action === action);
  if (rule === undefined) return null;
  return (
    <p className="quiet small">
      To change this takes the role {Object.keys(rule.allows).join(' or ')}
      {rule.scope === 'installation' ? ' on every project' : ''} (<code>{action}</code>).
    </p>
  );
}
