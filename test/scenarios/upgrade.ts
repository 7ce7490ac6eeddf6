/**
 * Promotions by the hundred wait for people, for time and for a window. The control plane ends, once as told and once
 * by SIGKILL, and comes back as another build. Everything still waits for the same things, what was approved stays
 * approved, and the next approval lets a promotion run (R39, R42).
 */
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { until } from '../world/make.ts';
import { createClient, type Client } from './harness/client.ts';
import type { Member, MemberReady } from './harness/member.ts';
import {
  intake,
  makeReleases,
  makeRepository,
  pipelineText,
  projectName,
  promote,
  type EnvironmentText,
} from './harness/project.ts';
import { makeStage, ownMain, type Stage } from './harness/stage.ts';

export interface UpgradeOptions {
  readonly releases: number;
  /** `releases` × `environments` promotions will wait. */
  readonly environments: number;
  readonly say: (what: string) => void;
}

export interface UpgradeReport {
  readonly faults: readonly string[];
  /** Milliseconds from the start of the process of the new build until it was ready. */
  readonly readyAfterMs: { readonly told: number; readonly killed: number };
  readonly waiting: number;
}

export async function upgrade(options: UpgradeOptions): Promise<UpgradeReport> {
  const stage = await makeStage();
  try {
    return await play(stage, options);
  } finally {
    await stage.remove();
  }
}

interface Cast {
  readonly stage: Stage;
  readonly client: Client;
  member: Member;
  said: MemberReady;
}

async function play(stage: Stage, { releases, environments, say }: UpgradeOptions): Promise<UpgradeReport> {
  const cast = await assemble(stage);
  const places = waitingPlaces(environments);
  await makeReleases(cast.client, {
    repository: makeRepository(stage.directory),
    text: pipelineText(stage.journals, places),
    count: releases,
  });
  await promoteEverywhere(cast.client, { releases, places });
  const voters = places.filter(({ name }) => name.startsWith('people'));
  for (const { name } of voters) await approve(cast.client, { release: 1, environment: name, actor: 'bea' });
  const before = await answers(cast.client);
  say(`${before.size} promotions wait`);
  const faults =
    before.size === releases * environments
      ? []
      : [`${before.size} promotions wait instead of ${releases * environments}`];

  await cast.member.stop();
  const told = await startBuild(cast, await otherBuild(stage, '0.2.0'));
  say(`stopped as told; the other build was ready after ${Math.round(told)} ms`);
  faults.push(...differences(before, await answers(cast.client)), ...(await faultsOfApproval(cast, voters[0]!.name)));

  const between = await answers(cast.client);
  await cast.member.kill();
  const killed = await startBuild(cast, await otherBuild(stage, '0.3.0'));
  say(`killed; the other build was ready after ${Math.round(killed)} ms`);
  faults.push(...differences(between, await answers(cast.client)), ...(await faultsOfApproval(cast, voters[1]!.name)));
  await cast.member.stop();
  return { faults, readyAfterMs: { told, killed }, waiting: before.size };
}

async function assemble(stage: Stage): Promise<Cast> {
  const member = stage.start('build-1', { roles: { serve: true, work: true } });
  const cast: { member: Member; said: MemberReady } = { member, said: await member.ready };
  return Object.assign(cast, { stage, client: createClient(() => cast.said) });
}

/** A third each waits for two people, for a soak of 30 days and for a window that is closed for a hundred years. */
function waitingPlaces(count: number): readonly EnvironmentText[] {
  const kinds = [
    (number: number) => ({ name: `people-${number}`, more: ['gates: [{ gate: approval, count: 2 }]'] }),
    (number: number) => ({ name: `soak-${number}`, more: [`after: [${intake}]`, 'gates: [{ gate: soak, for: 30d }]'] }),
    (number: number) => ({
      name: `window-${number}`,
      more: ['gates: [{ gate: window, zone: Europe/Berlin, deny: [{ fromDate: 2020-01-01, toDate: 2120-01-01 }] }]'],
    }),
  ];
  return Array.from({ length: count }, (_, index) => kinds[index % kinds.length]!(index + 1));
}

const atOnce = 8;

async function promoteEverywhere(
  client: Client,
  { releases, places }: { releases: number; places: readonly EnvironmentText[] },
): Promise<void> {
  const wishes = Array.from({ length: releases }, (_, index) =>
    places.map(({ name }) => ({ release: index + 1, environment: name })),
  ).flat();
  const take = async (): Promise<void> => {
    for (let wish = wishes.shift(); wish !== undefined; wish = wishes.shift()) await promote(client, wish);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}

async function approve(client: Client, vote: { release: number; environment: string; actor: string }): Promise<void> {
  const { release, environment, actor } = vote;
  await client.post(
    `/api/v1/projects/${projectName}/environments/${environment}/approve`,
    { release: String(release), reason: 'looks good' },
    { as: actor },
  );
}

interface Shown {
  readonly id: string;
  readonly environment: string;
  readonly state: string;
  readonly answers: readonly {
    readonly gate: string;
    readonly answer: string;
    readonly because: string;
    readonly askAgainAt: number | null;
  }[];
}

/** What every open promotion waits for, by its id, when nothing is being looked up any more. */
function answers(client: Client): Promise<ReadonlyMap<string, string>> {
  return until(async () => {
    const found = await answersNow(client);
    return [...found.values()].some((words) => words.includes('looked up')) ? undefined : found;
  }, 'everything is looked up');
}

async function answersNow(client: Client): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { promotions: readonly Shown[]; cursor: string | null } = await client.get(
      `/api/v1/projects/${projectName}/promotions?limit=100${after}`,
    );
    for (const promotion of page.promotions)
      if (promotion.state !== 'ended') found.set(promotion.id, inWords(promotion));
    cursor = page.cursor;
  }
  return found;
}

/** Without the time that has been soaked, which grows. */
function inWords({ environment, state, answers: given }: Shown): string {
  const words = given.map(
    ({ gate, answer, because, askAgainAt }) =>
      `${gate} ${answer}: ${because.replace(/soaked .* of/, 'soaked some of')} ${askAgainAt ?? ''}`,
  );
  return [`${environment} ${state}`, ...words].join('; ');
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const gone = [...before]
    .filter(([id, words]) => after.get(id) !== words)
    .map(([id, words]) => `${id} waited as "${words}" and now as "${after.get(id) ?? 'nothing'}"`);
  const fresh = [...after.keys()].filter((id) => !before.has(id)).map((id) => `${id} was not there before`);
  return [...gone, ...fresh];
}

/** One person has approved release 1 before; with a second one it runs. */
async function faultsOfApproval({ client }: Cast, environment: string): Promise<readonly string[]> {
  const { promotion } = await client.get<{ promotion: Shown | null }>(
    `/api/v1/projects/${projectName}/why?release=1&environment=${environment}`,
  );
  const gate = promotion?.answers.find((answer) => answer.gate === 'approval');
  const faults =
    gate?.because.startsWith('1 of 2') === true
      ? []
      : [`the approval given for ${environment} does not count any more: ${gate?.because}`];
  await approve(client, { release: 1, environment, actor: 'cem' });
  const ended = await until(async () => {
    const shown = await client.get<Shown & { outcome: string | null }>(`/api/v1/promotions/${promotion!.id}`);
    return shown.state === 'ended' ? shown : undefined;
  }, `release 1 has ended in ${environment}`);
  return ended.outcome === 'succeeded' ? faults : [...faults, `release 1 ended ${ended.outcome} in ${environment}`];
}

/** The same sources with a function of the engine renamed and another version, on the same packages. */
async function otherBuild(stage: Stage, version: string): Promise<string> {
  const root = dirname(dirname(ownMain));
  const build = join(stage.directory, `build ${version}`);
  for (const folder of ['src', 'migrations']) await cp(join(root, folder), join(build, folder), { recursive: true });
  await symlink(join(root, 'node_modules'), join(build, 'node_modules'), 'dir');
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as object;
  await writeFile(join(build, 'package.json'), JSON.stringify({ ...manifest, version }));
  const engine = join(build, 'src/engine/promotion/reconcile.ts');
  const source = await readFile(engine, 'utf8');
  const changed = source.replaceAll('clearTheLine', `clearTheLine${version.replaceAll('.', '')}`);
  if (changed === source) throw new Error('reconcile.ts has no clearTheLine to rename');
  await writeFile(engine, `// build ${version}\n${changed}`);
  return join(build, 'src/main.ts');
}

async function startBuild(cast: Cast, main: string): Promise<number> {
  cast.member = cast.stage.start(`build-${main.split('build ').at(-1)!.split('/')[0]!}`, {
    main,
    roles: { serve: true, work: true },
  });
  const said = await cast.member.ready;
  cast.said = said;
  return said.after;
}
