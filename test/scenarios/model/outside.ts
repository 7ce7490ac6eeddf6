/**
 * The world around the engine, as ports whose answers the test chooses: a repository, builds, commands and targets.
 * What happens in a target is kept, so that what the engine recorded can be compared with what is there.
 */
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { instant, type Instant } from '../../../src/domain/base/time.ts';
import type { Artifacts } from '../../../src/ports/artifacts.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Processes, RunState } from '../../../src/ports/processes.ts';
import type { CommitInfo, SignedHistory, Source } from '../../../src/ports/source.ts';
import type { DeployAnswer, Deployment, Target } from '../../../src/ports/target.ts';
import type { Workspaces } from '../../../src/ports/workspaces.ts';
import { sha256 } from '../../make/facts.ts';

export const targetAnswers = ['ready', 'not-ready', 'unknown', 'throws'] as const;
/** `lost`: the command is cut off before it says anything. */
export const commandAnswers = ['passes', 'fails', 'lost'] as const;
/** Places in a run at which something else may happen first. */
/** `deploy`: before a target asks whether it may; `replace`: once it does. */
export const places = ['prepare', 'migrate', 'deploy', 'replace', 'verify'] as const;
export type Place = (typeof places)[number];

/** How the world answers during one job. */
export interface Answers {
  readonly target: (typeof targetAnswers)[number] | 'not-started';
  readonly migration: (typeof commandAnswers)[number];
  readonly verification: (typeof commandAnswers)[number];
}

export const allWell: Answers = { target: 'ready', migration: 'passes', verification: 'passes' };

export interface Outside {
  readonly clock: Clock & { advance(milliseconds: number): void };
  readonly source: Source & SignedHistory;
  readonly artifacts: Artifacts;
  readonly processes: Processes;
  readonly workspaces: Workspaces;
  readonly target: Target;
  /** Commits of the main branch, oldest first, and tags by name. */
  readonly commits: string[];
  readonly tags: Map<string, string>;
  /** Number of the release that each environment really runs; `undefined` when nobody could tell. */
  readonly serving: Map<EnvironmentId, number | undefined>;
  /** What ports say until told otherwise. */
  answers: Answers;
  /** Called once, at this place, in the middle of a job. */
  meanwhile: { readonly at: Place; readonly act: () => Promise<void> } | undefined;
}

export function createOutside(start: Instant): Outside {
  let now: number = start;
  const outside: Outside = {
    clock: {
      now: () => instant(now),
      sleep: () => Promise.resolve(),
      advance: (milliseconds) => void (now += milliseconds),
    },
    commits: [],
    tags: new Map(),
    serving: new Map(),
    answers: allWell,
    meanwhile: undefined,
    source: createSource(() => outside),
    artifacts: createArtifacts(),
    processes: createProcesses(() => outside),
    workspaces: createWorkspaces(),
    target: createTarget(() => outside),
  };
  return outside;
}

async function interleave(outside: Outside, place: Place): Promise<void> {
  const { meanwhile } = outside;
  if (meanwhile?.at !== place) return;
  outside.meanwhile = undefined;
  await meanwhile.act();
}

function createSource(outside: () => Outside): Source & SignedHistory {
  const positionOf = (commit: string) => outside().commits.indexOf(commit);
  return {
    fetch: async () => {
      const { commits, tags } = outside();
      const main = commits.at(-1);
      const heads = main === undefined ? [] : [{ ref: 'refs/heads/main', commit: main }];
      return [...heads, ...[...tags].map(([tag, commit]) => ({ ref: `refs/tags/${tag}`, commit }))];
    },
    commit: async (_, id): Promise<CommitInfo> => ({
      id,
      tree: id,
      parents: [],
      author: { name: 'Ann', email: 'ann@example.org' },
      authoredAt: positionOf(id),
      subject: `commit ${positionOf(id)}`,
      message: '',
    }),
    isAncestor: async (_, ancestor, descendant) => positionOf(ancestor) <= positionOf(descendant),
    log: async () => [],
    export: async () => undefined,
    objects: neverAsked,
    merge: neverAsked,
    firstParents: neverAsked,
    firstCommit: neverAsked,
    added: neverAsked,
    tagsWithoutCommit: neverAsked,
  };
}

/** The model's pipeline asks for no signatures, so nobody reads any. */
export function neverAsked(): Promise<never> {
  throw new Error('nobody asks for signatures here');
}

function createArtifacts(): Artifacts {
  return {
    pack: async (directory) => ({ digest: sha256(directory), bytes: 1, files: 1 }),
    has: async () => true,
    unpack: async (digest) => `unpacked/${digest}`,
    collectGarbage: async () => 0,
  };
}

function createWorkspaces(): Workspaces {
  return {
    fresh: async (key) => key,
    existing: async (key) => key,
    copyOf: async (_, key) => key,
    inside: (directory, relative) => `${directory}/${relative}`,
    files: async () => [],
    remove: async () => undefined,
  };
}

/** Runs end when they are waited for, unless they were stopped before; the same key is never run twice. */
function createProcesses(outside: () => Outside): Processes {
  const runs = new Map<string, RunState>();
  const stateOf = (key: string): RunState => runs.get(key) ?? { state: 'absent' };
  const end = (key: string, exitCode: number | null, cause: 'exited' | 'stopped' | 'timeout') => {
    const at = outside().clock.now();
    runs.set(key, { state: 'exited', startedAt: at, endedAt: at, exitCode, signal: null, cause });
  };
  return {
    async start({ key }) {
      if (!runs.has(key))
        runs.set(key, { state: 'running', startedAt: outside().clock.now(), pid: 1, restarts: 0, down: false });
      return stateOf(key);
    },
    inspect: async (key) => stateOf(key),
    async wait(key, signal) {
      const place = placeOf(key);
      if (place !== undefined) await interleave(outside(), place);
      if (stateOf(key).state !== 'running' || signal?.aborted === true) return stateOf(key);
      const answer =
        place === 'migrate'
          ? outside().answers.migration
          : place === 'verify'
            ? outside().answers.verification
            : 'passes';
      if (answer === 'lost') end(key, null, 'timeout');
      else end(key, answer === 'fails' ? 1 : 0, 'exited');
      return stateOf(key);
    },
    async stop(key) {
      if (stateOf(key).state === 'running') end(key, null, 'stopped');
      return stateOf(key);
    },
    tail: async () => '',
    usage: async () => undefined,
    list: async () => [],
    forget: async () => undefined,
  };
}

function placeOf(key: string): Place | undefined {
  if (key.endsWith('/migrate')) return 'migrate';
  return /^(promotion|verify)\//.test(key) ? 'verify' : undefined;
}

function createTarget(outside: () => Outside): Target {
  /** R40: a deployment that is in place is not started again; whoever asks again is told the same. */
  const inPlace = new Map<EnvironmentId, { readonly id: Deployment['id']; readonly answer: DeployAnswer }>();
  const replace = ({ id, environment, release }: Deployment, answer: DeployAnswer): DeployAnswer => {
    inPlace.set(environment.id, { id, answer });
    const known = answer.deployed === 'ready' || answer.deployed === 'not-ready';
    outside().serving.set(environment.id, known ? release.number : undefined);
    return answer;
  };
  return {
    async prepare() {
      await interleave(outside(), 'prepare');
    },
    async deploy(deployment, signal, mayBegin): Promise<DeployAnswer> {
      await interleave(outside(), 'deploy');
      const { target } = outside().answers;
      const there = inPlace.get(deployment.environment.id);
      if (there?.id === deployment.id && there.answer.deployed !== 'stopped') return there.answer;
      if ((await mayBegin?.()) === false) return { deployed: 'stopped', untouched: true };
      await interleave(outside(), 'replace');
      if (signal.aborted) return replace(deployment, { deployed: 'stopped' });
      if (target === 'throws') {
        outside().serving.set(deployment.environment.id, undefined);
        throw new Failure('target/failed', 'the target broke');
      }
      if (target === 'ready') return replace(deployment, { deployed: 'ready', url: undefined, milliseconds: 0 });
      if (target === 'not-started') {
        inPlace.delete(deployment.environment.id);
        outside().serving.delete(deployment.environment.id);
        return { deployed: target, because: 'its port is taken' };
      }
      return replace(deployment, { deployed: target, because: `it is ${target}`, output: '', replaced: true });
    },
    inspect: async ({ environment }) =>
      outside().serving.has(environment.id)
        ? { observed: 'unknown' }
        : { observed: 'down', because: 'nothing was started' },
    retire: () => Promise.resolve('done'),
    async stop(environment) {
      inPlace.delete(environment);
      outside().serving.delete(environment);
    },
  };
}
