import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import type { PostgresStore } from '../../src/adapters/postgres/store.ts';
import type { ProjectId } from '../../src/domain/base/id.ts';
import { eventually, makeDatabase, newId, openTestStore, query, until, type TestDatabase } from '../world/make.ts';
import { later } from '../make/records.ts';

describe('the event log', () => {
  let database: TestDatabase;
  let store: PostgresStore;

  before(async () => {
    database = await makeDatabase();
    store = await openTestStore(database.url, { poolSize: 12 });
  });
  after(async () => {
    await store?.close();
    await database?.drop();
  });

  const note = (project: ProjectId, text: string) => ({
    kind: 'note.taken',
    actor: 'ada',
    at: later(),
    project,
    data: { note: text },
  });

  /** Reads on until `count` events of the project were read; answers their notes in the order read. */
  async function follow(project: ProjectId, count: number, limit = 7): Promise<string[]> {
    const notes: string[] = [];
    let place: string | undefined;
    await until(async () => {
      const events = await store.events.read({ project, limit, ...(place === undefined ? {} : { after: place }) });
      notes.push(...events.map(({ data }) => String(data['note'])));
      place = events.at(-1)?.cursor ?? place;
      return notes.length >= count;
    }, `${count} events`);
    return notes;
  }

  test('R41: events of one transaction are read back as written, in the order written', async () => {
    const project = newId('prj');
    const complete = {
      ...note(project, 'all'),
      environment: newId('env'),
      release: newId('rel'),
      promotion: newId('prm'),
    };
    await store.transaction((tx) => tx.events.append(note(project, 'one'), complete, note(project, 'three')));
    assert.deepEqual(await follow(project, 3, 1), ['one', 'all', 'three']);
    const [read] = await store.events.tail({ promotion: complete.promotion }, 5);
    const { seq, cursor, ...event } = read!;
    assert.deepEqual(event, complete);
    assert.match(cursor, new RegExp(`^\\d+\\.${seq}$`));
  });

  test('R41: nobody changes or removes an event, not even with the rights of the owner', async () => {
    await store.transaction((tx) => tx.events.append(note(newId('prj'), 'stays')));
    for (const attempt of [`update events set kind = 'other'`, 'delete from events', 'truncate events']) {
      await assert.rejects(query(database.url, attempt), { code: '23000', message: /append-only/ }, attempt);
    }
  });

  test('an event that commits late is not skipped by a reader that read later ones', async () => {
    const project = newId('prj');
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      await slow.query('begin');
      await slow.query(
        `insert into events (at, kind, actor, project_id, data) values (1, 'note.taken', 'ada', $1, '{"note":"early, committed late"}')`,
        [project],
      );
      await store.transaction((tx) => tx.events.append(note(project, 'late, committed early')));
      assert.deepEqual(
        await store.events.read({ project, limit: 10 }),
        [],
        'what is behind an open transaction is not shown yet',
      );
      assert.deepEqual(await store.events.tail({ project }, 10), []);
      await slow.query('commit');
    } finally {
      await slow.end();
    }
    assert.deepEqual(await follow(project, 2), ['early, committed late', 'late, committed early']);
  });

  test('many writers at once, some of which give up, and a reader that follows: it reads every event once', async () => {
    const project = newId('prj');
    const expected: string[] = [];
    const write = async (writer: number) => {
      for (let turn = 0; turn < 25; turn++) {
        const notes = Array.from({ length: 1 + ((writer + turn) % 3) }, (_, index) => `${writer}/${turn}/${index}`);
        const givesUp = (writer * turn) % 7 === 3;
        const work = store.transaction(async (tx) => {
          for (const text of notes) await tx.events.append(note(project, text));
          if (givesUp) throw new Error('gives up');
        });
        if (givesUp) await assert.rejects(work, /gives up/);
        else {
          await work;
          expected.push(...notes);
        }
      }
    };
    const writers = [...Array(8).keys()];
    const turns = [...Array(25).keys()];
    const total = writers
      .flatMap((writer) => turns.map((turn) => ((writer * turn) % 7 === 3 ? 0 : 1 + ((writer + turn) % 3))))
      .reduce((sum, count) => sum + count, 0);
    const reading = follow(project, total);
    await Promise.all(writers.map((writer) => write(writer)));
    const read = await reading;
    assert.equal(new Set(read).size, read.length, 'no event twice');
    assert.deepEqual([...read].sort(), [...expected].sort());
  });

  test('the tail is the newest events, oldest of them first', async () => {
    const project = newId('prj');
    for (const text of ['1', '2', '3', '4']) await store.transaction((tx) => tx.events.append(note(project, text)));
    await follow(project, 4);
    const tail = await store.events.tail({ project }, 2);
    assert.deepEqual(
      tail.map(({ data }) => data['note']),
      ['3', '4'],
    );
    assert.deepEqual(await store.events.read({ project, after: tail[1]!.cursor, limit: 10 }), []);
  });

  test('a long transaction in another database of the server does not hold the feed back', async () => {
    const other = await makeDatabase();
    const busy = new pg.Client(other.url);
    await busy.connect();
    try {
      await busy.query('begin');
      await busy.query('create table migrating (id int)');
      const project = newId('prj');
      await store.transaction((tx) => tx.events.append(note(project, 'told at once')));
      // A worker that tidies up this database may hold it back for a moment.
      await eventually(async () => {
        const [event] = await store.events.read({ project, limit: 5 });
        assert.equal(event?.data['note'], 'told at once');
      }, 5_000);
    } finally {
      await busy.end();
      await other.drop();
    }
  });

  test('text that is not a cursor is refused, whatever it is', async () => {
    const cursors = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        '1',
        '1.',
        '.1',
        '-1.1',
        '1.1.1',
        '18446744073709551616.1',
        '1.9999999999999999999',
        "1.1'; drop table events",
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        cursors.filter((text) => !/^\d{1,19}\.\d{1,18}$/.test(text)),
        async (cursor) => {
          await assert.rejects(
            Promise.resolve().then(() => store.events.read({ after: cursor, limit: 1 })),
            { code: 'input/invalid' },
          );
        },
      ),
    );
  });
});
