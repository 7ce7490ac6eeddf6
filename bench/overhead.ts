/**
 * What a promotion costs beyond the user's commands: from the call behind the API to the outcome in the table, with an
 * environment whose deployment does nothing. The floor, measured in turn with it: inserting one row durably.
 */
import pg from 'pg';
import type { PromotionId } from '../src/domain/base/id.ts';
import { promote } from '../src/engine/promotion/promote.ts';
import type { World } from '../src/engine/world.ts';
import { median, quantile, timed, type Measured } from './figures.ts';
import { addProject, addRelease, recording } from './projects.ts';
import { freshDatabase, inScratch } from './scratch.ts';
import { countStatements } from './statements.ts';
import { startWorld } from './world.ts';

const rounds = 200;
const warmUp = 30;
/** Lets the work that follows a promotion end before the next thing is measured. */
const quietMs = 40;

export function overhead(): Promise<Measured> {
  return inScratch(async (directory) => {
    // Before anybody connects: connections keep the `query` they began with.
    countStatements();
    const url = await freshDatabase(directory);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const running = await startWorld({ directory, url });
    try {
      return await measure(running.world, client);
    } finally {
      await running.stop();
      await client.end();
    }
  });
}

async function measure(world: World, client: pg.Client): Promise<Measured> {
  await client.query('create table floor (id bigint generated always as identity primary key, said text not null)');
  const shop = await addProject(world, 'shop', [
    recording('production', { kind: 'production', triggers: [{ on: 'manual' }] }),
  ]);
  const numbers: number[] = [];
  for (let count = 0; count < rounds + warmUp; count++)
    numbers.push((await world.store.transaction((tx) => addRelease(world, tx, shop.id))).number);
  const promotions: number[] = [];
  const commits: number[] = [];
  const statements: number[] = [];
  for (const number of numbers) {
    const counting = countStatements();
    promotions.push(await timed(() => promoteAndWait(world, client, { project: shop.name, release: `#${number}` })));
    await world.clock.sleep(quietMs);
    statements.push(counting.end());
    commits.push(await timed(() => insertDurably(client)));
    await world.clock.sleep(quietMs);
  }
  const [each, floor] = [promotions.slice(warmUp), commits.slice(warmUp)];
  return {
    setup: { promotions: rounds, commits: rounds },
    figures: [
      { what: 'one promotion, median', value: median(each), unit: 'ms', aim: { is: 'at most', value: 60 } },
      { what: 'one promotion, 95 %', value: quantile(each, 0.95), unit: 'ms' },
      { what: 'one durable commit, median', value: median(floor), unit: 'ms' },
      { what: 'one durable commit, 95 %', value: quantile(floor, 0.95), unit: 'ms' },
      {
        what: 'promotion / durable commit',
        value: median(each) / median(floor),
        unit: 'times',
        aim: { is: 'at most', value: 25 },
      },
      {
        what: 'statements for one promotion, everything around it included',
        value: median(statements.slice(warmUp)),
        unit: '',
      },
    ],
  };
}

async function promoteAndWait(
  world: World,
  client: pg.Client,
  asked: { project: string; release: string },
): Promise<void> {
  const { promotion } = await promote(world, { ...asked, environment: 'production', actor: 'bench' });
  const outcome = await outcomeOf(world, client, promotion);
  if (outcome !== 'succeeded') throw new Error(`promotion ${promotion} ended ${outcome}`);
}

/** Looks after every commit that recorded an event, never at intervals. */
async function outcomeOf(world: World, client: pg.Client, promotion: PromotionId): Promise<string> {
  let news = Promise.withResolvers<void>();
  const unsubscribe = world.store.onCommit(() => news.resolve());
  try {
    for (;;) {
      const { rows } = await client.query<{ outcome: string | null }>({
        name: 'outcome',
        text: 'select outcome from promotions where id = $1',
        values: [promotion],
      });
      const outcome = rows[0]?.outcome;
      if (typeof outcome === 'string') return outcome;
      await news.promise;
      news = Promise.withResolvers<void>();
    }
  } finally {
    unsubscribe();
  }
}

async function insertDurably(client: pg.Client): Promise<void> {
  await client.query('begin');
  await client.query({ name: 'floor', text: 'insert into floor (said) values ($1)', values: ['one row'] });
  await client.query('commit');
}
