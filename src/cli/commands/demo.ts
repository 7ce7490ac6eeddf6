/** The main job, on a sample application, in front of one's eyes. */
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../domain/base/shell.ts';
import { connect, type Client } from '../client.ts';
import { gather } from '../demo/cast.ts';
import { brokenChange, nextVersion, unsignedCommit } from '../demo/refusals.ts';
import { releaseChange } from '../demo/release.ts';
import { badCanary, goodCanary, withCustomers } from '../demo/canary.ts';
import { openRepository, type SampleRepository } from '../demo/repository.ts';
import { push, verifiedIn, type Stage } from '../demo/stage.ts';
import { thereAndBack } from '../demo/there-and-back.ts';
import { createTimeline } from '../demo/timeline.ts';
import type { Act, Invocation } from '../invocation.ts';
import { launch } from '../server-process.ts';
import { applyText } from './apply.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Runs the installation; the work is done by the people of `cast.ts`. */
const operator = { handle: 'ada', name: 'Ada Administrator', emails: ['ada@bookshop.example'] };

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
  const { told } = controlPlane;
  let code = 0;
  try {
    const client = await connect({
      ...invocation,
      config: { ...config, home, serverUrl: controlPlane.url, token: undefined, tokenFile: undefined },
    });
    const shown = await Promise.race([
      tour({ client, repository, output, keys: join(home, 'keys') }),
      told.then((signal) => signal),
    ]);
    if (typeof shown === 'number') return shown;
    const stays = options['exit'] !== true;
    const door = stays ? await doorOf(client) : undefined;
    output.line({ kind: 'demo.done', url: client.url, home, promises: shown }, () =>
      farewell({ url: client.url, home, directory, door }),
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
  keys,
}: {
  client: Client;
  repository: SampleRepository;
  output: Invocation['output'];
  keys: string;
}): Promise<readonly string[]> {
  const applied = await applyText(client, {
    file: 'liftlock.yaml',
    text: await repository.pipelineText(),
    source: repository.directory,
  });
  const timeline = createTimeline(client, output, applied.project);
  const cast = await gather(client, keys);
  const path = `/api/v1/projects/${applied.project}`;
  const stage: Stage = { cast, repository, timeline, path, run: new Date().toISOString() };
  await timeline.until('the log so far', (status) => (status.environments.length > 0 ? true : undefined));
  await firstSteps(stage);
  timeline.heading('2. Another change takes the same way, while customers shop: production takes it step by step');
  const number = await goodCanary(stage, {
    change: '03-fix',
    branch: 'dev/orders',
    version: await nextVersion(stage),
  });
  timeline.heading('3. One that no test finds fault with, and some customers do');
  await badCanary(stage, { change: '04-languages', branch: 'dev/languages', version: await nextVersion(stage) });
  timeline.heading('4. What does not get through');
  await unsignedCommit(stage);
  await brokenChange(stage);
  timeline.heading('5. Production goes back, and forward again');
  await withCustomers(stage, () => thereAndBack(stage, number));
  return [
    'built once',
    'signed, reviewed and promoted through every environment',
    'evidence of tests, dependencies and load collected',
    'a release taken over step by step without a failed request',
    'a bad release caught by its canary and sent back by itself',
    'an author could not approve his own release',
    'an unsigned commit on main went no further than testing',
    'a tag on a commit that never passed staging was refused',
    'a broken change was stopped in testing',
    'production went back and forward',
  ];
}

/** The first run makes a first release to go back to; later ones have it. */
async function firstSteps(stage: Stage): Promise<void> {
  const { repository, timeline, cast } = stage;
  timeline.heading('1. A change goes from a branch to production');
  if ((await repository.tags()).length > 0)
    return timeline.say('it did so when this demo ran first; what came of it is still there');
  const commit = await repository.begin(cast.mats);
  await push(stage);
  await verifiedIn(stage, 'testing', commit);
  await releaseChange(stage, { change: '01-new-greeting', branch: 'dev/delivery', version: await nextVersion(stage) });
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
  for (const own of ['bookshop', 'keys']) await rm(join(home, own), { recursive: true, force: true });
  await removeHome(home);
}

/** A link that signs the visitor in as Rita, once. */
async function doorOf(client: Client): Promise<string> {
  const { code, path } = await client.post<{ code: string; path: string }>('/api/v1/people/rita/link', {});
  return `${client.url}${path}#${code}`;
}

/** `door` is absent when nothing stays. */
function farewell({
  url,
  home,
  directory,
  door,
}: {
  url: string;
  home: string;
  directory: string;
  door: string | undefined;
}): string {
  const prefix = `LIFTLOCK_HOME=${shellWord(home)} `;
  const liftlock = resolve(directory) === resolve(root) ? 'npx liftlock' : 'liftlock';
  if (door === undefined) return '\neverything the demo promises has happened';
  return [
    `\nThe control plane runs at ${url} until you press Ctrl-C. See it in a browser, as Rita:`,
    `  ${door}`,
    'Or try, in another terminal:',
    `  ${prefix}${liftlock} status`,
    `  ${prefix}${liftlock} why latest staging`,
    `  ${prefix}${liftlock} audit verify`,
  ].join('\n');
}
