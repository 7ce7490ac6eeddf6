import type { EnvironmentView, StatusView } from '../../api/contract/environments.ts';
import { connect, type Client } from '../client.ts';
import { ago, shortCommit, span, table } from '../text/format.ts';
import { differsFromForce } from '../in-force.ts';
import { limitsText } from '../text/limits.ts';
import type { Style } from '../output.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const first = await client.get<StatusView>(`${path}/status`);
  if (invocation.options['watch'] === true) return watch(invocation, client, { path, first });
  invocation.output.answer(first, () => render(first, invocation.output.style));
  const differs = await differsFromForce(invocation.directory, client, path);
  if (differs !== undefined) invocation.output.progress(`${differs}; liftlock apply puts it in force`);
  return 0;
};

/** Again after each event; on a terminal in place, elsewhere one document after another. */
async function watch(
  { output }: Invocation,
  client: Client,
  { path, first }: { path: string; first: StatusView },
): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const show = (view: StatusView): void => {
    if (output.interactive) process.stdout.write('\u001b[2J\u001b[H');
    output.line(view, () => render(view, output.style));
  };
  show(first);
  try {
    for await (const { event } of client.events({ project: first.project, signal: stop.signal }))
      if (event !== '') show(await client.get<StatusView>(`${path}/status`));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return stop.signal.aborted ? 130 : 0;
}

export function render(view: StatusView, style: Style): string {
  const rows = view.environments.map((environment) => [
    mark(environment, style),
    style.bold(environment.name),
    runningText(environment, view.at),
    environment.url ?? '',
    stateText(environment, view.at, style),
  ]);
  const parts = [`${style.bold(view.project)}  ${style.dim(view.source.url)}`];
  if (view.source.error !== null)
    parts.push(
      style.bad(
        `the repository cannot be reached: ${view.source.error} (next look ${ago(view.source.nextLookAt, view.at)})`,
      ),
    );
  if (view.undelivered > 0)
    parts.push(
      style.bad(`${view.undelivered} notifications could not be delivered; liftlock notification list --state dead`),
    );
  parts.push('', table(rows));
  const notes = view.environments.flatMap((environment) => notesOf(environment, view.at, style));
  if (notes.length > 0) parts.push('', ...notes);
  const limits = limitsText(view.environments);
  if (limits.length > 0) parts.push('', ...limits.map(style.dim));
  for (const build of view.builds)
    parts.push(
      '',
      `build #${build.number} ${shortCommit(build.commit)} ${build.title}: ${build.state}${build.reason === null ? '' : ` — ${firstLine(build.reason)}`}`,
    );
  return parts.join('\n');
}

/** Shape as well as colour: nobody has to tell green from red. */
function mark(environment: EnvironmentView, style: Style): string {
  if (environment.active !== null) return style.warn('▶');
  if (environment.running === null) return style.dim('○');
  if (environment.running.verdict === 'FAIL') return style.bad('✗');
  return environment.running.verdict === 'PASS' ? style.good('●') : style.warn('◐');
}

function runningText({ running, service }: EnvironmentView, now: number): string {
  if (running === null) return 'nothing yet';
  return `#${running.release.number} ${shortCommit(running.release.commit)} for ${span(now - running.since)}${usageText(service)}`;
}

function usageText(service: EnvironmentView['service']): string {
  if (service === null || service.residentBytes === null) return '';
  const restarts = service.restarts === 0 ? '' : `, ${service.restarts} restarts`;
  const { wanted } = service.instances;
  const instances = wanted === 1 ? '' : `${wanted} instances, `;
  return ` (${instances}${Math.round(service.residentBytes / 1_000_000)} MB, ${span(service.cpuMs ?? 0)} of CPU${restarts})`;
}

function stateText(environment: EnvironmentView, now: number, style: Style): string {
  const { active, waiting, running, retired, stopRequest } = environment;
  if (retired && active === null)
    return style.warn(
      stopRequest === null
        ? `retired, still serving; liftlock stop ${environment.name} ends it`
        : `retired, being stopped for ${stopRequest.by}`,
    );
  const { rollout } = environment;
  if (active !== null && rollout !== null && !active.stopping && active.phase === 'switching')
    return `#${active.release.number} has ${rollout.percent} %, step ${rollout.step} of ${rollout.of}: ${rollout.because ?? rollout.waiting?.because ?? rollout.what ?? rollout.state}`;
  if (active !== null)
    return `${active.stopping ? 'stopping' : (active.phase ?? 'running')} #${active.release.number} for ${span(now - (active.startedAt ?? now))}`;
  const [first] = waiting;
  if (first !== undefined) {
    const blocking = first.answers.find(({ answer }) => answer !== 'open');
    return `#${first.release.number} waits: ${blocking?.because ?? 'requested'}`;
  }
  if (running === null) return '';
  if (environment.service?.state === 'down') return style.bad(`down: ${environment.service.reason}`);
  const { service } = environment;
  if (service !== null && service.reason !== null) return style.bad(`crash-looping: ${service.reason}`);
  const { ailment } = environment;
  if (ailment !== null) return style.bad(ailmentText(ailment, now));
  const { up, wanted, because } = environment.service?.instances ?? { up: 1, wanted: 1, because: null };
  if (up < wanted) return style.warn(`degraded: ${up} of ${wanted} instances up: ${because}`);
  if (running.verdict === 'PASS') return style.good('verified');
  return running.verdict === null
    ? 'not verified'
    : style.bad(`${running.verdict}: ${firstLine(running.verdictReason ?? '')}`);
}

function ailmentText({ is, because, since, renewing }: NonNullable<EnvironmentView['ailment']>, now: number): string {
  const what = is === 'silent' ? 'does not answer' : 'unwell';
  return `${what} for ${span(now - since)}: ${because}${renewing ? '; it is being started again' : ''}`;
}

function notesOf(environment: EnvironmentView, now: number, style: Style): readonly string[] {
  const { name, hold, pin, freezes, freezesAhead, last } = environment;
  return [
    ...(hold === null ? [] : [`${name}: ${style.warn('on hold')} by ${hold.by} ${ago(hold.at, now)}: ${hold.reason}`]),
    ...(pin === null
      ? []
      : [`${name}: ${style.warn('pinned')} to ${pin.release} by ${pin.by} ${ago(pin.at, now)}: ${pin.reason}`]),
    ...freezes.map((freeze) => `${name}: ${style.warn('frozen')} by ${freeze.by}${saidOf(freeze)}`),
    ...freezesAhead.map(
      (freeze) =>
        `${name}: ${style.warn('to be frozen')} by ${freeze.by} from ${new Date(freeze.at).toISOString()}${saidOf(freeze)}`,
    ),
    ...(last !== null && last.outcome !== 'succeeded' && last.outcome !== 'aborted'
      ? [
          `${name}: ${last.kind} of #${last.release.number} ${style.bad(last.outcome ?? '')} ${ago(last.endedAt ?? now, now)}: ${firstLine(last.reason ?? '')}`,
        ]
      : []),
  ];
}

function saidOf({ until, reason, id }: EnvironmentView['freezes'][number]): string {
  return `${until === null ? '' : ` until ${new Date(until).toISOString()}`}: ${reason} (${id})`;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
