/** Who may do what, as the server enforces it. */
import type { MatrixView } from '../../../../src/api/contract/access.ts';
import { useSelf } from '../../api/queries.ts';
import { useMatrix } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { useFilter } from '../../parts/filter.tsx';
import './access.css';

export default function Access() {
  const matrix = useMatrix();
  return (
    <div className="stack">
      <h1>Who may do what</h1>
      <Own />
      <Shown query={matrix} what="the matrix">
        {(data) => <Matrix matrix={data} />}
      </Shown>
      <Command text="liftlock access matrix" />
    </div>
  );
}

function Own() {
  const { data } = useSelf();
  if (data === undefined) return null;
  const rights = data.rights.map(({ role, project }) => `${role} ${project === null ? 'everywhere' : `in ${project}`}`);
  return (
    <p>
      You are <strong>{data.handle}</strong>: {rights.length === 0 ? 'no role yet' : rights.join(', ')}.
    </p>
  );
}

function Matrix({ matrix }: { readonly matrix: MatrixView }) {
  const [asked, setAsked] = useFilter('action');
  const rules = matrix.rules.filter(({ action, scope }) => scope !== 'self' && action.includes(asked));
  return (
    <section className="sheet stack" aria-labelledby="matrix">
      <div className="row">
        <h2 id="matrix">As it is enforced</h2>
        <label className="row">
          Action
          <input type="search" value={asked} onChange={({ target }) => setAsked(target.value)} />
        </label>
        <span className="quiet small">
          {rules.length} of {matrix.rules.length} rules; what is in no cell is refused
        </span>
      </div>
      <div className="scroll" role="region" aria-label="Roles and actions" tabIndex={0}>
        <table className="matrix">
          <thead>
            <tr>
              <th scope="col">Action</th>
              {matrix.roles.map(({ role, meaning }) => (
                <th key={role} scope="col" title={meaning}>
                  {role}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <tr key={rule.action}>
                <th scope="row">
                  <code>{rule.action}</code>
                </th>
                {matrix.roles.map(({ role }) => (
                  <td key={role}>{allowed(rule, rule.allows[role], matrix.kinds)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function allowed(
  { scope }: MatrixView['rules'][number],
  kinds: MatrixView['kinds'] | undefined,
  all: MatrixView['kinds'],
) {
  if (kinds === undefined) return <span className="quiet">no</span>;
  if (scope !== 'environment' || kinds.length === all.length) return <strong>yes</strong>;
  return kinds.join(', ');
}
