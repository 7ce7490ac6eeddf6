import type { HealthCheck } from '../../../domain/pipeline/pipeline.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';
import type { RunState } from '../../../ports/processes.ts';
import type { Instance } from '../../../ports/traffic.ts';
import { ending, lastDeath, seconds } from '../ending.ts';
import { waitUntilHealthy } from '../health.ts';
import { urlOf, type Run, type Runner } from './runner.ts';

export interface Candidate extends Pick<Run, 'key' | 'address'> {
  readonly health: HealthCheck;
  readonly signal: AbortSignal;
}

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly because: string };

interface World {
  readonly runner: Runner;
  readonly probe: Probe;
  readonly clock: Clock;
}

/** A service may need a second start, e.g. because its database came up after it; one that dies so often will not come up. */
const mostDeaths = 3;

const lookMs = 100;

/** Never starts anything: a run that has ended is not ready, whoever ended it. Not ready when the signal aborts. */
export async function waitUntilReady(world: World, candidate: Candidate): Promise<Readiness> {
  const { health, address } = candidate;
  if (health.kind === 'process') {
    const settling = await settled(world, candidate, health.settle);
    const own = settling.ready ? await healthyByItself(world, candidate) : settling;
    return own.ready && address !== undefined ? listening(world, candidate, address) : own;
  }
  const url = urlOf(candidate);
  if (url === undefined) {
    const state = await world.runner.inspect(candidate.key);
    const because = 'the service has no port at which its health could be asked';
    return { ready: false, because: state.state === 'running' ? because : whyNot(state) };
  }
  return answering(world, candidate, { url: new URL(health.path, url).href, ...health });
}

async function settled({ runner, clock }: World, { key, signal }: Candidate, settleMs: number): Promise<Readiness> {
  const begin = clock.now();
  for (;;) {
    const state = await runner.inspect(key);
    const deaths = deathsOf(state);
    if (state.state !== 'running') return { ready: false, because: whyNot(state) };
    if (deaths > 0) {
      // Its keeper, too, needs a moment to see why.
      if (state.down) await clock.sleep(lookMs * 3, signal);
      const why = lastDeath(await runner.inspect(key));
      const because = `the service died within its first ${seconds(settleMs)} (${times(deaths)} so far${why})`;
      return { ready: false, because };
    }
    const left = settleMs - (clock.now() - begin);
    if (left <= 0) return { ready: true };
    if (signal.aborted) return { ready: false, because: 'stopped' };
    await clock.sleep(Math.min(lookMs, left), signal);
  }
}

/** How long an image's own check may say that the service starts. */
const startingMs = 300_000;

/** Where nobody says how the health of the service is asked, its image may. */
async function healthyByItself({ runner, clock }: World, { key, signal }: Candidate): Promise<Readiness> {
  const begin = clock.now();
  for (;;) {
    const health = await runner.ownHealth?.(key);
    if (health === undefined || health === 'none' || health === 'healthy') return { ready: true };
    const state = await runner.inspect(key);
    if (state.state !== 'running') return { ready: false, because: whyNot(state) };
    if (deathsOf(state) > 0)
      return { ready: false, because: `the service died ${times(deathsOf(state))} before its image called it healthy` };
    if (health === 'unhealthy') return { ready: false, because: "the image's HEALTHCHECK calls the service unhealthy" };
    if (signal.aborted) return { ready: false, because: 'stopped' };
    if (clock.now() - begin >= startingMs)
      return { ready: false, because: `the image's HEALTHCHECK still says "${health}" after ${seconds(startingMs)}` };
    await clock.sleep(lookMs, signal);
  }
}

/** What a service may need after it has settled until it listens: as long as one that is asked at a path has by default. */
export const listeningMs = 60_000;

/** A service that was given a port and never opens it serves nobody, however well its process is. */
async function listening({ runner, clock }: World, { key, signal }: Candidate, address: Instance): Promise<Readiness> {
  const { port } = address;
  const begin = clock.now();
  for (;;) {
    const open = await runner.listens(address);
    const state = await runner.inspect(key);
    if (state.state !== 'running') return { ready: false, because: whyNot(state) };
    if (deathsOf(state) > 0)
      return {
        ready: false,
        because: `the service died ${times(deathsOf(state))} before it listened at port ${port}${lastDeath(state)}`,
      };
    if (open) return { ready: true };
    if (signal.aborted) return { ready: false, because: 'stopped' };
    if (clock.now() - begin >= listeningMs)
      return {
        ready: false,
        because: `the service runs, but does not listen at port ${port} after ${seconds(listeningMs)}; service.start has to hand $PORT over, as in --port "$PORT"; one that needs longer has health: { path: /, deadline: 3m }, and one that listens nowhere target: { kind: process, port: none }`,
      };
    await clock.sleep(lookMs, signal);
  }
}

/** After it answered, it must still be there: what answered could be another process, or its last word. */
async function answering(
  world: World,
  { key, signal }: Candidate,
  check: { url: string; deadline: number; timeout: number },
): Promise<Readiness> {
  let gaveUp: string | undefined;
  const giveUp = async () => (gaveUp = hopeless(await world.runner.inspect(key)));
  const health = await waitUntilHealthy(world, check.url, {
    deadlineMs: check.deadline,
    timeoutMs: check.timeout,
    signal,
    giveUp,
  });
  const state = await world.runner.inspect(key);
  if (state.state === 'running' && !state.down && health.healthy) return { ready: true };
  if (state.state !== 'running') return { ready: false, because: whyNot(state) };
  const deaths = deathsOf(state);
  if (health.healthy)
    return {
      ready: false,
      because: `${check.url} answers, but the service died (${times(deaths)} so far${lastDeath(state)})`,
    };
  const alsoDied =
    gaveUp === undefined && deaths > 0 ? ` (the service died ${times(deaths)} meanwhile${lastDeath(state)})` : '';
  return { ready: false, because: `${health.because}${alsoDied}` };
}

function hopeless(state: RunState): string | undefined {
  if (state.state !== 'running') return whyNot(state);
  const deaths = deathsOf(state);
  return deaths < mostDeaths ? undefined : `the service died ${times(deaths)} before it was ready${lastDeath(state)}`;
}

function deathsOf(state: RunState): number {
  return state.state === 'running' ? state.restarts + (state.down ? 1 : 0) : 0;
}

function whyNot(state: Exclude<RunState, { state: 'running' }>): string {
  return state.state === 'absent'
    ? 'what was started of the service is no longer on record'
    : `the service ${ending(state)}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
