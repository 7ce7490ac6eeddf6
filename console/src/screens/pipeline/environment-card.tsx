import { memo } from 'react';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';
import type { PromotionView } from '../../../../src/api/contract/promotions.ts';
import { Ago } from '../../parts/ago.tsx';
import { Outside } from '../../parts/outside.tsx';
import { sentence } from '../../parts/sentence.ts';
import { firstBlocking } from '../../parts/promotions.tsx';
import { State } from '../../parts/state.tsx';
import { gatesOf, standingOf } from './standing.ts';

/** Drawn again only when what it shows has changed. */
export const EnvironmentCard = memo(function EnvironmentCard({
  project,
  environment,
}: {
  readonly project: string;
  readonly environment: EnvironmentView;
}) {
  const { name, kind, running, rollout, waiting, url, freezesAhead } = environment;
  const standing = standingOf(environment);
  return (
    <article className={`card ${standing.tone}`} aria-labelledby={`environment-${name}`}>
      <header>
        <h2 id={`environment-${name}`}>
          <Link href={`/p/${project}/environments/${name}`}>{name}</Link>
        </h2>
        {kind === name ? null : <span className="quiet small">{kind}</span>}
        <State tone={standing.tone} word={standing.word} />
      </header>
      {running === null ? null : (
        <div className="release">
          <p>
            <Link
              className="clamp"
              title={running.release.title}
              href={`/p/${project}/releases/${running.release.number}`}
            >
              <strong>#{running.release.number}</strong> {running.release.title}
            </Link>
          </p>
          <p className="quiet small">
            <code>{running.release.commit.slice(0, 10)}</code> took over <Ago at={running.since} />
          </p>
        </div>
      )}
      {standing.reason === undefined || standing.word === 'waiting' ? null : (
        <p className="reason">{sentence(standing.reason)}</p>
      )}
      {freezesAhead.slice(0, 1).map(({ id, at, by, reason }) => (
        <p key={id} className="small">
          To be frozen <Ago at={at} />{' '}
          <span className="quiet">
            by {by}: {reason}
          </span>
        </p>
      ))}
      {rollout === null ? null : (
        <p className="small">
          <Link href={`/p/${project}/rollout/${name}`}>{rollout.percent} % of requests</Link>{' '}
          <span className="quiet">
            go to the new release, step {rollout.step} of {rollout.of}
          </span>
        </p>
      )}
      {waiting.slice(0, 3).map((promotion) => (
        <Waiting key={promotion.id} project={project} promotion={promotion} />
      ))}
      {waiting.length > 3 ? <p className="quiet small">and {waiting.length - 3} more wait</p> : null}
      {url === null ? null : (
        <p className="small">
          <Outside url={url} text={url.replace(/^https?:\/\//, '')} />
        </p>
      )}
    </article>
  );
});

function Waiting({ project, promotion }: { readonly project: string; readonly promotion: PromotionView }) {
  const { open, all } = gatesOf(promotion);
  const blocking = firstBlocking(promotion);
  return (
    <p className="waiting small">
      <Link href={`/p/${project}/plan/${promotion.release.number}/${promotion.environment}`}>
        #{promotion.release.number} waits
      </Link>{' '}
      <span className="quiet">
        {open} of {all} gates open{blocking === undefined ? '' : `; next: ${blocking.gate}`}
      </span>
    </p>
  );
}
