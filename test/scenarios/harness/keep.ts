/** Keeps a process of the control plane running, as an init system would: what died is started again after a short pause. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Member, MemberExit, MemberReady } from './member.ts';
import type { Chance } from './seed.ts';

export interface Kept {
  readonly name: string;
  /** SIGKILL to whatever runs now; false when nothing did. */
  kill(): Promise<boolean>;
  /** The next start is about to happen or has just happened. */
  startingAgain(): Promise<Member>;
  ready(): Promise<MemberReady>;
  /** What the running process said when it was ready; `undefined` while none is. */
  now(): MemberReady | undefined;
  /** Milliseconds from each kill to the moment when a process under this name was ready again. */
  readonly recoveries: readonly number[];
  /** Ends that nobody asked for. */
  readonly surprises: readonly MemberExit[];
  /** SIGTERM, and no further start. */
  stop(): Promise<MemberExit>;
}

const longestPauseMs = 500;

export function keepRunning(name: string, start: () => Member, chance: Chance): Kept {
  const recoveries: number[] = [];
  const surprises: MemberExit[] = [];
  let member = start();
  let said: MemberReady | undefined;
  let killedAt: number | undefined;
  let stopping = false;
  let next = Promise.withResolvers<Member>();

  async function welcome(current: Member): Promise<void> {
    const answer = await current.ready.catch(() => undefined);
    if (answer === undefined || current !== member || !current.isRunning()) return;
    said = answer;
    if (killedAt !== undefined) recoveries.push(performance.now() - killedAt);
    killedAt = undefined;
  }

  async function replace(current: Member): Promise<void> {
    const exit = await current.exit;
    said = undefined;
    if (!exit.wanted) surprises.push(exit);
    if (!stopping) await wait(chance.between(0, longestPauseMs));
    if (stopping) return;
    member = start();
    const started = next;
    next = Promise.withResolvers();
    started.resolve(member);
    watch(member);
  }

  function watch(current: Member): void {
    void welcome(current);
    void replace(current);
  }

  async function ready(): Promise<MemberReady> {
    for (;;) {
      const answer = said ?? (await member.ready.catch(() => undefined));
      if (answer !== undefined && member.isRunning()) return answer;
      await wait(20);
    }
  }

  watch(member);
  return {
    name,
    recoveries,
    surprises,
    ready,
    now: () => said,
    startingAgain: () => next.promise,
    async kill() {
      if (!member.isRunning()) return false;
      killedAt ??= performance.now();
      said = undefined;
      await member.kill();
      return true;
    },
    async stop() {
      stopping = true;
      return member.stop();
    },
  };
}
