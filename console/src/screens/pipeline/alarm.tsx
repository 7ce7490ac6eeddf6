import { Link } from 'wouter';
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import { useHistory, usePlan, useRollbackTargets } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago, lengthInWords } from '../../parts/ago.tsx';
import { Cut } from '../../parts/cut.tsx';
import { sentence } from '../../parts/sentence.ts';
import { called } from '../../parts/called.ts';
import { State } from '../../parts/state.tsx';
import { abort, rollBack } from '../environment/actions.ts';
import { standingOf } from './standing.ts';

interface Troubled {
  readonly status: StatusView;
  readonly environment: EnvironmentView;
}

/** One environment in trouble, told in the order in which somebody who was woken asks. */
export function Alarm({ status, environment }: Troubled) {
  const standing = standingOf(environment);
  const path = `/p/${encodeURIComponent(status.project)}/environments/${encodeURIComponent(environment.name)}`;
  return (
    <article className="headline bad stack" aria-label={`${environment.name}: ${standing.word}`}>
      <h2 className="row">
        <State tone="bad" word={standing.word} /> <Link href={path}>{environment.name}</Link>
      </h2>
      <p className="reason">
        {standing.reason === undefined ? '' : `${sentence(standing.reason)} `}
        <strong>{trafficOf(environment)}</strong>
      </p>
      <dl className="facts">
        <dt>Under way</dt>
        <dd>
          <Doing environment={environment} project={status.project} />
        </dd>
        <dt>Going back</dt>
        <dd>
          <GoingBack status={status} environment={environment} />
        </dd>
        <dt>What changed</dt>
        <dd>
          <Changed status={status} environment={environment} />
        </dd>
        <dt>New against old</dt>
        <dd>
          <Against status={status} environment={environment} />
        </dd>
        <dt>Who is on it</dt>
        <dd>{peopleOn(environment)}</dd>
        <Recovery status={status} />
        <dt>As of</dt>
        <dd>
          <Ago at={status.at} />
        </dd>
      </dl>
    </article>
  );
}

function trafficOf({ running, service, rollout }: EnvironmentView): string {
  if (service?.state === 'down') return 'No request is answered.';
  if (running === null) return 'Nothing serves here yet.';
  if (rollout?.state === 'going' || rollout?.state === 'paused')
    return `${rollout.percent} % of requests go to the new release, the others to the old one.`;
  return `All requests go to #${running.release.number}.`;
}

function Doing({ environment, project }: { readonly environment: EnvironmentView; readonly project: string }) {
  const { active, ailment, hold, last, lookAgainAt } = environment;
  const next =
    lookAgainAt === null ? null : (
      <>
        {' '}
        It looks again <Ago at={lookAgainAt} />.
      </>
    );
  if (active !== null)
    return (
      <>
        {active.kind === 'rollback' ? 'Already going back to' : 'Deploying'} #{active.release.number}:{' '}
        {active.phase ?? 'starting'}, since <Ago at={active.startedAt ?? active.requestedAt} />.{' '}
        <Act action={abort(project, active)} />
      </>
    );
  if (ailment?.renewing === true) return <>Liftlock starts again what does not answer.</>;
  const said =
    last?.outcome === 'rolled-back'
      ? 'It went back by itself; nothing more is under way.'
      : hold !== null
        ? 'Automation rests; a person has to decide.'
        : 'Nothing; a person has to decide.';
  return (
    <>
      {said}
      {next}
    </>
  );
}

/** Where it would lead, whether anything stands in the way, and how long it took the last time. */
function GoingBack({ status: { project }, environment }: Troubled) {
  const { name, running, active } = environment;
  const { data } = useRollbackTargets(project, name);
  const target = data?.targets.find(({ id }) => id !== running?.release.id);
  if (active?.kind === 'rollback') return <>Is under way.</>;
  if (data === undefined) return <>Looking…</>;
  if (target === undefined) return <>There is no other release that was verified here.</>;
  return (
    <>
      <Act action={rollBack({ project, environment: name }, target.number)} /> It was verified here
      {target.lastUntil === null ? null : (
        <>
          , and served until <Ago at={target.lastUntil} />
        </>
      )}
      . <Safety project={project} environment={name} release={target.number} />
    </>
  );
}

function Safety({
  project,
  environment,
  release,
}: {
  readonly project: string;
  readonly environment: string;
  readonly release: number;
}) {
  const plan = usePlan(project, { release: String(release), environment });
  const history = useHistory(project, environment);
  const took = (history.data?.promotions ?? [])
    .filter(({ outcome, startedAt, endedAt }) => outcome === 'succeeded' && startedAt !== null && endedAt !== null)
    .map(({ startedAt, endedAt }) => endedAt! - startedAt!);
  const migrations = plan.data?.migrations.removed.length;
  return (
    <>
      {migrations === undefined
        ? ''
        : migrations === 0
          ? 'No migration lies between. '
          : `${migrations} ${migrations === 1 ? 'migration stays' : 'migrations stay'} in the database. `}
      {took[0] === undefined ? '' : `The last deployment here took ${lengthInWords(Math.max(1_000, took[0]))}.`}
    </>
  );
}

/** The last release that came, also when what is under way or ended last is the way back from it. */
function Changed({ status: { project }, environment: { name, running, last } }: Troubled) {
  const { data } = useHistory(project, name);
  const base = `/p/${encodeURIComponent(project)}/releases`;
  const came = data?.promotions.find(({ kind, startedAt }) => kind === 'promotion' && startedAt !== null) ?? last;
  return (
    <>
      {came === null ? null : (
        <>
          <Link href={`${base}/${came.release.number}`}>#{came.release.number}</Link> was asked for by{' '}
          {came.origin.by === 'person' ? came.origin.detail : 'Liftlock itself'}, <Ago at={came.requestedAt} />
          {came.outcome === null ? '' : `, and ${came.outcome}`}.{' '}
        </>
      )}
      {running === null ? null : (
        <>
          <Link href={`${base}/${running.release.number}`}>
            #{running.release.number} <Cut text={running.release.title} />
          </Link>{' '}
          serves since <Ago at={running.since} />.
        </>
      )}
    </>
  );
}

function Against({ status: { project }, environment }: Troubled) {
  const { name, running, rollout, last } = environment;
  if (rollout !== null)
    return (
      <Link href={`/p/${encodeURIComponent(project)}/rollout/${encodeURIComponent(name)}`}>
        {rollout.because ?? `Step ${rollout.step} of ${rollout.of}: ${rollout.what ?? rollout.state}`}
      </Link>
    );
  if (running === null || last === null || last.release.id === running.release.id)
    return <>Not side by side: one release serves.</>;
  return (
    <>
      #{last.release.number} {last.outcome}; #{running.release.number} {running.verdict ?? 'was not verified'}.
    </>
  );
}

function peopleOn({ hold, pin, active, freezes, freezesAhead }: EnvironmentView): string {
  const people = [
    ...(hold === null ? [] : [`${called(hold.by)} holds it: ${hold.reason}`]),
    ...(pin === null ? [] : [`${called(pin.by)} pinned it: ${pin.reason}`]),
    ...(active?.origin.by === 'person' ? [`${active.origin.detail} asked for what is under way`] : []),
    ...freezes.map(({ by, reason }) => `${called(by)} froze it: ${reason}`),
    ...freezesAhead.map(({ by, reason }) => `${called(by)} is going to freeze it: ${reason}`),
  ];
  return people.length === 0 ? 'Nobody has done anything here yet.' : `${people.join('; ')}.`;
}

/** Only where there is one. */
function Recovery({ status }: { readonly status: StatusView }) {
  const recovery = status.environments.find(({ kind }) => kind === 'disaster-recovery');
  if (recovery === undefined) return null;
  const standing = standingOf(recovery);
  return (
    <>
      <dt>Disaster recovery</dt>
      <dd>
        {recovery.name}: {recovery.running === null ? 'empty' : `#${recovery.running.release.number}, ${standing.word}`}
      </dd>
    </>
  );
}
