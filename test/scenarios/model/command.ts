/** What the commands of the model are made of. */
import fc from 'fast-check';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { World } from '../../../src/engine/world.ts';
import type { Transaction } from '../../../src/ports/store.ts';
import type { Auditor } from './invariants.ts';
import { environmentNames } from './pipeline.ts';
import { everybody, type Stage } from './stage.ts';

/** All that a command must know before it runs; everything else is read from the tables. */
export interface Known {
  commits: number;
}

export interface Session {
  readonly stage: Stage;
  readonly auditor: Auditor;
}

export type Command = fc.AsyncCommand<Known, Session>;

export const people = fc.constantFrom(...everybody);
export const environment = fc.constantFrom(...environmentNames);
export const which = fc.constantFrom(0 as const, 1 as const);
export const index = fc.nat({ max: 20 });
export const reason = 'because';

/** What it does, then what must hold afterwards. */
export function command(
  name: string,
  options: { needsCommits?: boolean },
  act: (stage: Stage, known: Known) => Promise<void>,
): Command {
  return {
    check: ({ commits }) => options.needsCommits !== true || commits > 0,
    async run(known, { stage, auditor }) {
      await act(stage, known);
      await auditor.audit();
    },
    toString: () => name,
  };
}

/** Something a person asks for. It may be refused, in our words; nothing else may be thrown. */
export async function asked(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    const refused = thrown instanceof Failure && !/^(unexpected|database|lease)\//.test(thrown.code);
    if (!refused) throw thrown;
  }
}

export function inTransaction(stage: Stage, act: (world: World, tx: Transaction) => Promise<unknown>): Promise<void> {
  const { world } = stage.worker(0);
  return asked(() => world.store.transaction((tx) => act(world, tx)));
}

export async function pick<Row>(stage: Stage, text: string, at: number): Promise<Row | undefined> {
  const rows = await stage.query<Row>(text);
  return rows[at % Math.max(1, rows.length)];
}

/** `#3`, or nothing when nothing was built yet. */
export async function someRelease(stage: Stage, at: number): Promise<string> {
  const found = await pick<{ number: number }>(stage, 'select number from releases order by number desc', at);
  return found === undefined ? '#1' : `#${found.number}`;
}
