/** The main job, on a sample application, in front of one's eyes. */
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EnvironmentView, StatusView } from '../../api/contract/environments.ts';
import type { WhyView } from '../../api/contract/explanations.ts';
import { connect, type Client } from '../client.ts';
import { openRepository, type SampleRepository } from '../demo/repository.ts';
import { createTimeline, type Timeline } from '../demo/timeline.ts';
import type { Act, Invocation } from '../invocation.ts';
import { launch, signalled } from '../server-process.ts';
import { applyText } from './apply.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const people = { manager: 'Rita Release' } as const;
const operator = { handle: 'rita', name: people.manager, emails: ['rita@bookshop.example'] };

export const act: Act = async (invocation) => {
  const { config, options, output, directory } = invocation;
  const home = resolve(
    typeof options['home'] === 'string' ? options['home'] : (config.home ?? join(directory, '.liftlock', 'demo')),
  );
  if (options['reset'] === true) await reset(home);
  const repository = await openRepository(join(home, 'bookshop'), join(root, 'examples'));
  const controlPlane = await launch(
    { ...invocation, config: { ...config, logLevel: 'error' } },
    { homeDirectory: home, roles: { serve: true, work: true }, variables: sampleVariables(invocation), operator },
  );
  const told = signalled();
  let code = 0;
  try {
    const client = await connect({
      ...invocation,
      config: { ...config, home, serverUrl: controlPlane.url, token: undefined, tokenFile: undefined },
    });
    const shown = await Promise.race([tour({ client, repository, output }), told.then((signal) => signal)]);
    if (typeof shown === 'number') return shown;
    output.line({ kind: 'demo.done', url: client.url, home, promises: shown }, () =>
      farewell({ client, home, directory, stays: options['exit'] !== true }),
    );
    if (options['exit'] !== true) await told;
  } catch (error) {
    output.progress(`the demo did not keep its promise: ${(error as Error).message}`);
    code = 1;
  } finally {
    output.progress('stopping the control plane, the services and the database');
    // In this order: a control plane that works starts again what it finds stopped.
    await controlPlane.stop({ keepDatabase: false });
    await controlPlane.stopServices();
  }
  return code;
};

/** Everything the demo promises, in order. Throws when one of it does not happen. */
async function tour({
  client,
  repository,
  output,
}: {
  client: Client;
  repository: SampleRepository;
  output: Invocation['output'];
}): Promise<readonly string[]> {
  const applied = await applyText(client, {
    file: 'liftlock.yaml',
    text: await repository.pipelineText(),
    source: repository.directory,
  });
  const timeline = createTimeline(client, output, applied.project);
  const path = `/api/v1/projects/${applied.project}`;
  await timeline.until('the log so far', (status) => (status.environments.length > 0 ? true : undefined));
  const run = new Date().toISOString();
  if (repository.created) {
    timeline.heading('1. A commit on main goes from development to production');
    await toProduction({ client, timeline, path }, () => notify(client, path), 'the first release');
  }
  timeline.heading(
    repository.created
      ? '2. So does the next one, with a migration'
      : '1. A commit on main goes from development to production',
  );
  const good = repository.created ? '01-new-greeting' : '03-fix';
  const forward = await toProduction(
    { client, timeline, path },
    async () => {
      await repository.commitChange(good, run);
      await notify(client, path);
    },
    'the change',
  );
  timeline.heading(
    'A change that breaks the total of an order: its unit tests pass, the acceptance test in testing does not',
  );
  await brokenChange({ client, timeline, path }, async () => {
    await repository.commitChange('02-broken-total', run);
    await notify(client, path);
  });
  timeline.heading('Production goes back, and forward again');
  await backAndForward({ client, timeline, path }, forward);
  return [
    'built once',
    'promoted through every environment',
    'broken change stopped in testing',
    'production rolled back and forward',
  ];
}

interface Stage {
  readonly client: Client;
  readonly timeline: Timeline;
  readonly path: string;
}

/** Answers the number of the release that production serves at the end. */
async function toProduction(
  { client, timeline, path }: Stage,
  change: () => Promise<void>,
  what: string,
): Promise<number> {
  const before = environment(await client.get<StatusView>(`${path}/status`), 'production').running?.release.number ?? 0;
  await change();
  const number = await timeline.until(`${what} to wait for production`, (status) => {
    const waiting = environment(status, 'production').waiting.at(-1);
    return waiting !== undefined &&
      waiting.release.number > before &&
      waiting.answers.some(({ gate, answer }) => gate === 'approval' && answer === 'waiting')
      ? waiting.release.number
      : undefined;
  });
  timeline.say(`production   waits for a person; ${people.manager} reads the plan and approves it`);
  await approve({ client, path }, number, 'tested in staging');
  await timeline.until(`production to serve ${what}`, (status) => {
    const { running, active } = environment(status, 'production');
    return active === null && running?.release.number === number && running.verdict === 'PASS' ? true : undefined;
  });
  return number;
}

async function brokenChange({ client, timeline, path }: Stage, change: () => Promise<void>): Promise<void> {
  const before = (await client.get<StatusView>(`${path}/status`)).newest?.number ?? 0;
  await change();
  const number = await timeline.until('testing to refuse the change', (status) => {
    const testing = environment(status, 'testing');
    const newest = status.newest?.number ?? 0;
    const settled = testing.active === null && testing.waiting.length === 0;
    const wentBack =
      testing.last?.kind === 'rollback' && testing.running !== null && testing.running.release.number < newest;
    return newest > before && settled && wentBack ? newest : undefined;
  });
  const why = await client.get<WhyView>(`${path}/why`, { release: String(number), environment: 'staging' });
  if (why.standing !== 'closed')
    throw new Error(`release #${number} should not be able to enter staging, but: ${why.sentence}`);
  timeline.say(`why not further: ${why.sentence.split('\n')[0]}`);
}

async function backAndForward({ client, timeline, path }: Stage, number: number): Promise<void> {
  await client.post(`${path}/environments/production/rollback`, { reason: 'the demo shows the way back' });
  await timeline.until('production to go back', (status) => {
    const { running, active, waiting } = environment(status, 'production');
    return active === null &&
      waiting.length === 0 &&
      running !== null &&
      running.release.number !== number &&
      running.verdict === 'PASS'
      ? true
      : undefined;
  });
  await client.post(`${path}/promotions`, { release: String(number), environment: 'production' });
  await timeline.until('the promotion to wait for approval', (status) =>
    environment(status, 'production').waiting.length > 0 ? true : undefined,
  );
  await approve({ client, path }, number, 'it was not the release');
  await timeline.until('production to go forward', (status) => {
    const { running, active } = environment(status, 'production');
    return active === null && running?.release.number === number && running.verdict === 'PASS' ? true : undefined;
  });
}

async function approve(
  { client, path }: { client: Client; path: string },
  number: number,
  reason: string,
): Promise<void> {
  const plan = await client.get<{ planHash: string }>(`${path}/plan`, {
    release: String(number),
    environment: 'production',
  });
  await client.post(`${path}/environments/production/approve`, {
    release: String(number),
    planHash: plan.planHash,
    reason,
  });
}

async function notify(client: Client, path: string): Promise<void> {
  await client.post(`${path}/notify`, {});
}

function environment(status: StatusView, name: string): EnvironmentView {
  const found = status.environments.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sample pipeline has no ${name}`);
  return found;
}

/** The sample runs on this Node, and takes its one package from ours: no network is needed. */
function sampleVariables({ config }: Invocation): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), config.path].filter((part) => part !== undefined).join(':'),
    BOOKSHOP_PACKAGES: root,
  };
}

async function reset(home: string): Promise<void> {
  const { removeHome, stopWhatIsLeft } = await import('../../main.ts');
  await stopWhatIsLeft(home);
  await rm(join(home, 'bookshop'), { recursive: true, force: true });
  await removeHome(home);
}

function farewell({
  client,
  home,
  directory,
  stays,
}: {
  client: Client;
  home: string;
  directory: string;
  stays: boolean;
}): string {
  const prefix = `LIFTLOCK_HOME=${shellWord(home)} `;
  const liftlock = resolve(directory) === resolve(root) ? 'npx liftlock' : 'liftlock';
  if (!stays) return '\neverything the demo promises has happened';
  return [
    `\nThe control plane runs at ${client.url} until you press Ctrl-C. Try, in another terminal:`,
    `  ${prefix}${liftlock} status`,
    `  ${prefix}${liftlock} why latest staging`,
    `  ${prefix}${liftlock} release show latest`,
  ].join('\n');
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
