/** One environment: what serves, what waits, what people set, the way back, and what happened here. */
import { Link } from 'wouter';
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import { useHistory, useStatus } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Cut } from '../../parts/cut.tsx';
import { Outside } from '../../parts/outside.tsx';
import { Promotions } from '../../parts/promotions.tsx';
import { sentence } from '../../parts/sentence.ts';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { standingOf } from '../pipeline/standing.ts';
import { abort, hold, pin, releaseHold, reverify, unpin } from './actions.ts';
import { TimeHere } from './time-here.tsx';
import { stopRetired, veto } from '../controls/actions.ts';
import { Freezes } from '../controls/freezes.tsx';
import { WayBack } from './way-back.tsx';

export default function Environment({ project, name }: { readonly project: string; readonly name: string }) {
  const status = useStatus(project);
  return (
    <Shown query={status} what={name} heading={name}>
      {(data) => <Known project={project} name={name} data={data} />}
    </Shown>
  );
}

function Known({
  project,
  name,
  data,
}: {
  readonly project: string;
  readonly name: string;
  readonly data: StatusView;
}) {
  const environment = data.environments.find((one) => one.name === name);
  if (environment === undefined)
    return (
      <>
        <h1>{name}</h1>
        <p className="sheet">
          There is no environment {name} in {project}. <Link href={`/p/${project}`}>All environments</Link>
        </p>
      </>
    );
  return (
    <div className="stack">
      <Now project={project} environment={environment} />
      <Open project={project} environment={environment} />
      <WayBack project={project} environment={environment} />
      {environment.retired ? null : <Freezes project={project} environments={[name]} />}
      <TimeHere project={project} environment={name} />
      <History project={project} environment={environment} />
    </div>
  );
}

const dataOf: Readonly<Record<EnvironmentView['database'], string>> = {
  none: 'none that Liftlock knows of',
  managed: 'a database of its own, beside Liftlock’s',
  external: 'a database elsewhere, reached by a secret',
};

function Now({ project, environment }: { readonly project: string; readonly environment: EnvironmentView }) {
  const { name, running, service, url } = environment;
  const standing = standingOf(environment);
  return (
    <section className="sheet stack" aria-labelledby="now">
      <div className="row">
        <h1 id="now">{name}</h1>
        <State tone={standing.tone} word={standing.word} />
        <span className="quiet">
          {environment.kind}, {environment.hosting}
        </span>
      </div>
      {standing.reason === undefined || standing.word === 'empty' ? null : <p>{sentence(standing.reason)}</p>}
      {running === null ? (
        <p className="quiet">
          Nothing has been deployed here yet. The first release that passes what comes before it will be.
        </p>
      ) : (
        <p>
          <Link href={`/p/${project}/releases/${running.release.number}`}>
            <strong>#{running.release.number}</strong> <Cut text={running.release.title} />
          </Link>{' '}
          (<code>{running.release.commit.slice(0, 10)}</code>) took over <Ago at={running.since} /> and serves
          {url === null ? null : (
            <>
              {' '}
              at <Outside url={url} />
            </>
          )}
        </p>
      )}
      <p className="quiet small">Data: {dataOf[environment.database]}.</p>
      {environment.limits === null ? null : <p className="quiet small">Requests: {environment.limits.sentence}.</p>}
      {environment.rollout === null ? null : (
        <p>
          <Link href={`/p/${project}/rollout/${name}`}>
            The rollout: {environment.rollout.percent} % of requests, step {environment.rollout.step} of{' '}
            {environment.rollout.of}
          </Link>
        </p>
      )}
      {service === null ? null : (
        <p className="quiet small">
          service {service.state}
          {service.instances.wanted === 1
            ? ''
            : `, ${service.instances.up} of ${service.instances.wanted} instances up${service.instances.because === null ? '' : ` (${service.instances.because})`}`}
          , restarted {service.restarts} {service.restarts === 1 ? 'time' : 'times'}
          {service.residentBytes === null ? '' : `, ${Math.round(service.residentBytes / 2 ** 20)} MiB of memory`}
        </p>
      )}
      <Controls project={project} environment={environment} />
    </section>
  );
}

function Controls({ project, environment }: { readonly project: string; readonly environment: EnvironmentView }) {
  const { name, hold: held, pin: pinned, running, retired, stopRequest } = environment;
  const place = { project, environment: name };
  if (retired)
    return (
      <div className="row">
        {stopRequest === null ? (
          <Act action={stopRetired(place)} />
        ) : (
          <State tone="busy" word={`${stopRequest.by} asked to stop it`} />
        )}
      </div>
    );
  return (
    <>
      {held === null ? null : <SetBy what="on hold" set={held} />}
      {pinned === null ? null : <SetBy what="pinned" set={pinned} />}
      <div className="row">
        {held === null ? <Act action={hold(place)} /> : <Act action={releaseHold(place)} />}
        {pinned === null ? <Act action={pin(place, running?.release.number)} /> : <Act action={unpin(place)} />}
        {running === null ? null : <Act action={reverify(place)} />}
        {running === null ? null : <Act action={veto(project, [name], running.release.number)} />}
      </div>
    </>
  );
}

function SetBy({ what, set }: { readonly what: string; readonly set: NonNullable<EnvironmentView['hold']> }) {
  return (
    <p>
      <State tone="wait" word={what} /> by {set.by}, <Ago at={set.at} />: {set.reason}
    </p>
  );
}

function Open({ project, environment }: { readonly project: string; readonly environment: EnvironmentView }) {
  const open = [...(environment.active === null ? [] : [environment.active]), ...environment.waiting];
  if (open.length === 0) return null;
  return (
    <section className="sheet stack" aria-labelledby="open">
      <h2 id="open">Under way and waiting</h2>
      <Promotions project={project} promotions={open} show="release" />
      <div className="row">
        {open.map((promotion) => (
          <span className="row" key={promotion.id}>
            <Link className="button" href={`/p/${project}/plan/${promotion.release.number}/${environment.name}`}>
              Plan and gates of #{promotion.release.number}
            </Link>
            <Act action={abort(project, promotion)} />
          </span>
        ))}
      </div>
    </section>
  );
}

function History({ project, environment }: { readonly project: string; readonly environment: EnvironmentView }) {
  const { data, error, isPending, refetch } = useHistory(project, environment.name);
  return (
    <section className="sheet stack" aria-labelledby="history">
      <h2 id="history">What happened here</h2>
      {isPending ? (
        <p className="quiet">Loading…</p>
      ) : data === undefined ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : data.promotions.length === 0 ? (
        <p className="quiet">Nothing yet.</p>
      ) : (
        <Promotions
          project={project}
          promotions={data.promotions}
          show="release"
          isRecorded={environment.kind === 'production'}
        />
      )}
    </section>
  );
}
