/** Which release is where: the newest releases down, environments across. */
import { memo, useState } from 'react';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';
import type { PromotionView } from '../../../../src/api/contract/promotions.ts';
import { usePromotions, useReleases } from '../../api/queries.ts';
import { Cut } from '../../parts/cut.tsx';
import { PromotionState } from '../../parts/promotions.tsx';
import { State } from '../../parts/state.tsx';

/** So many at first, and with each further step. */
const step = 10;

export function Grid({
  project,
  environments,
}: {
  readonly project: string;
  readonly environments: readonly EnvironmentView[];
}) {
  const releases = useReleases(project);
  const promotions = usePromotions(project);
  const [most, setMost] = useState(step);
  if (releases.data === undefined || promotions.data === undefined || releases.data.releases.length === 0) return null;
  // A release whose promotions reach beyond what was loaded would look as if it had never been asked for.
  const known = promotions.data.cursor === null ? 0 : (promotions.data.promotions.at(-1)?.requestedAt ?? 0);
  const rows = releases.data.releases.filter(({ createdAt }) => createdAt >= known);
  const latest = latestOf(promotions.data.promotions);
  return (
    <section className="sheet stack" aria-labelledby="grid">
      <h2 id="grid">Releases and environments</h2>
      <div className="scroll" role="region" aria-label="Releases by environment" tabIndex={0}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">Release</th>
              {environments.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((release) => (
              <tr key={release.id}>
                <th scope="row">
                  <Link href={`/p/${encodeURIComponent(project)}/releases/${release.number}`}>
                    #{release.number} <Cut text={release.title} />
                  </Link>
                </th>
                {environments.map((environment) => (
                  <td key={environment.name}>
                    <Cell
                      serves={environment.running?.release.id === release.id}
                      promotion={latest.get(`${environment.name} ${release.id}`)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most ? (
        <p>
          <button type="button" onClick={() => setMost(most + step)}>
            {Math.min(step, rows.length - most)} more
          </button>
        </p>
      ) : null}
    </section>
  );
}

const Cell = memo(function Cell({
  serves,
  promotion,
}: {
  readonly serves: boolean;
  readonly promotion: PromotionView | undefined;
}) {
  if (serves) return <State tone="good" word="serves" />;
  if (promotion === undefined) return <span className="quiet">—</span>;
  return <PromotionState promotion={promotion} />;
});

/** By environment and release; they come newest first. */
function latestOf(promotions: readonly PromotionView[]): ReadonlyMap<string, PromotionView> {
  const latest = new Map<string, PromotionView>();
  for (const promotion of promotions) {
    const key = `${promotion.environment} ${promotion.release.id}`;
    if (!latest.has(key)) latest.set(key, promotion);
  }
  return latest;
}
