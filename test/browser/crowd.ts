/** A project as large as any that the console is made for, news that do not stop, and what that does to the page. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { insertRelease, makePromotion, occupy, verify } from '../make/records.ts';
import type { BrowserStage } from './browser-stage.ts';

export const crowd = { environments: 60, releases: 200 };

/** Environments in ten chains, every release somewhere, each of them waiting somewhere; answers the name of the project. */
export async function makeCrowd({ api }: BrowserStage): Promise<string> {
  const name = 'crowd';
  const source = api.git.init(name);
  api.git.commit(name, { 'index.html': '1' }, 'first change');
  const names = Array.from({ length: crowd.environments }, (_, index) => `stop-${index + 1}`);
  const environments = names.map((one, index) => {
    const after = index < 10 ? '' : names[index - 10]!;
    return `  - { name: ${one}, kind: testing, after: [${after}], trigger: { on: manual }, verify: none, gates: [], target: { kind: command, deploy: "" } }`;
  });
  const text = `version: 1\nproject: ${name}\ntrust: { signatures: none, separation: none }\nenvironments:\n${environments.join('\n')}\n`;
  const applied = await api.post('/api/v1/projects', { text, source });
  assert.equal(applied.status, 200, JSON.stringify(applied.body));
  await api.store.transaction(async (tx) => {
    const { id: project } = (await tx.projects.byName(name))!;
    const all = await tx.environments.ofProject(project);
    for (let made = 0; made < crowd.releases; made += 1) {
      const release = await insertRelease(tx, project);
      const environment = all[made % all.length]!.id;
      if (made < crowd.releases - all.length) {
        const at = (1_000_000 + made) as never;
        const progress = { state: 'ended', outcome: 'succeeded', startedAt: at, endedAt: at } as const;
        await tx.promotions.insert(makePromotion(environment, release.id, { progress }), project);
      } else {
        await occupy(tx, project, { environment, release: release.id });
        await verify(tx, { environment, release });
      }
    }
  });
  return name;
}

export interface Strain {
  /** Tasks of the page's main thread by the time of the processor that they took, in ms, longest first: others on the machine do not count. */
  readonly tasks: readonly number[];
  /** Milliseconds between two pictures while it was scrolled, longest first; others on the machine do count. */
  readonly frames: readonly number[];
  readonly news: number;
}

/** The board is loaded and most of its table opened; then something happens every 200 ms while somebody scrolls up and down. */
export async function strain(stage: BrowserStage, page: Page, forMs: number): Promise<Strain> {
  await stage.browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await page.goto('/p/crowd');
  for (let more = 0; more < 4; more += 1) await page.getByRole('button', { name: '10 more' }).click();
  await page.evaluate(watching);
  const end = Date.now() + forMs;
  let news = 0;
  const happen = async () => {
    for (; Date.now() < end; news += 1) {
      const environment = `/api/v1/projects/crowd/environments/stop-${1 + (Math.floor(news / 2) % crowd.environments)}`;
      const verb = news % 2 === 0 ? 'hold' : 'release-hold';
      await Promise.all([stage.api.post(`${environment}/${verb}`, { reason: `news ${news}` }), wait(200)]);
    }
  };
  const scroll = async () => {
    for (let turn = 0; Date.now() < end; turn += 1) await page.mouse.wheel(0, turn % 60 < 30 ? 120 : -120);
  };
  await Promise.all([happen(), scroll()]);
  const tasks = longestTasks(await stage.browser.stopTracing());
  return { tasks, frames: (await page.evaluate('frames()')) as number[], news };
}

interface Traced {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time of the processor, in microseconds. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Of the pages' main threads; one inside another counts with the outer one. */
function longestTasks(trace: Buffer): readonly number[] {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: readonly Traced[] };
  const threadOf = ({ pid, tid }: Traced) => `${pid} ${tid}`;
  const mains = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = traceEvents.filter(
    (event) => event.name === 'ThreadControllerImpl::RunTask' && mains.has(threadOf(event)),
  );
  assert.ok(tasks.length > 100, `${tasks.length} tasks were traced`);
  return tasks
    .map(({ tdur = 0 }) => Math.round(tdur / 1_000))
    .toSorted((left, right) => right - left)
    .slice(0, 20);
}

const watching = `(() => {
  const all = [];
  let last = performance.now();
  const frame = (now) => { all.push(Math.round(now - last)); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  globalThis.frames = () => all.toSorted((left, right) => right - left).slice(0, 20);
})()`;

/** Milliseconds from the address to the board, over a slow line (1.6 Mbit/s, 150 ms there and back) on a quarter of the processor. */
export async function timeToBoard(page: Page, path: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6e6 * 0.9) / 8,
    uploadThroughput: (0.75e6 * 0.9) / 8,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const begin = Date.now();
  await page.goto(path, { waitUntil: 'commit' });
  await page.getByRole('article').first().waitFor();
  const took = Date.now() - begin;
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.detach();
  return took;
}
