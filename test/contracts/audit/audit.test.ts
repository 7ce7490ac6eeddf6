import assert from 'node:assert/strict';
import { verify as verifySignature, createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import { utf8 } from '../../../src/domain/audit/bytes.ts';
import { parseCheckpoint } from '../../../src/domain/audit/checkpoint.ts';
import { parseKey, parseNote, signerOf } from '../../../src/domain/audit/note.ts';
import { consistencyPath, inclusionPath, provesConsistency, provesInclusion } from '../../../src/domain/audit/proof.ts';
import { leafHash } from '../../../src/domain/audit/tree.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { Notary } from '../../../src/ports/notary.ts';
import { makeDatabase, newId, openTestStore, query, until, type TestDatabase } from '../../world/make.ts';
import { allCheckpoints, check, hashBytes, makeNotary, wholeLog } from '../../make/audit.ts';
import { later } from '../../make/records.ts';

const minute = 60_000;

describe('the audit log on PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let notary: Awaited<ReturnType<typeof makeNotary>>;
  let now = 1_800_000_000_000;

  /** Each test begins with an empty log. */
  async function begin(): Promise<void> {
    database = await makeDatabase();
    store = await openTestStore(database.url, { poolSize: 12 });
    notary = await makeNotary();
  }
  async function end(): Promise<void> {
    await store.close();
    await database.drop();
    await notary.remove();
  }
  const inDatabase = (name: string, act: () => Promise<void>) =>
    test(name, async () => {
      await begin();
      try {
        await act();
      } finally {
        await end();
      }
    });

  const note = (text: string, actor = 'ada') => ({ kind: 'note.taken', actor, at: later(), data: { note: text } });
  const write = (...texts: readonly string[]) =>
    store.transaction((tx) => tx.events.append(...texts.map((text) => note(text))));
  const many = (count: number) => Array.from({ length: count }, (_, index) => `note ${index}`);
  /** As the sequencer does it: a minute later each time, until everything is in. */
  async function sequence(by: Notary = notary): Promise<void> {
    now += minute;
    for (;;) {
      const { more, checkpoint } = await store.audit.sequence({
        now: instant(now),
        signer: (name) => by.signer(name),
        lastSigned: await by.lastSigned(),
      });
      if (checkpoint !== undefined) await by.remember(checkpoint);
      if (!more) return;
    }
  }
  const notesIn = async () =>
    (await wholeLog(store.audit))
      .map(({ event }) => event!.shown)
      .filter(({ kind }) => kind === 'note.taken')
      .map(({ data }) => data['note']);

  inDatabase('every event gets one entry, in the order of the event feed, and checkpoints agree', async () => {
    for (const text of many(30)) await write(text, `${text} again`);
    await sequence();
    const feed = await store.events.read({ limit: 1_000 });
    const log = await wholeLog(store.audit);
    assert.deepEqual(
      log.map(({ event }) => event!.cursor),
      feed.slice(0, 60).map(({ cursor }) => cursor),
    );
    const { problems, entries, covered } = await check(store.audit);
    assert.deepEqual({ problems, entries, covered }, { problems: [], entries: 60, covered: 60 });
  });

  inDatabase('what the database cannot hold is replaced in the event and its entry alike', async () => {
    const data = {
      note: 'a\0b\ud800c\\u0000',
      deep: [{ 'k~/': '\udfff' }],
      count: Number.POSITIVE_INFINITY,
      gone: undefined,
    };
    await store.transaction((tx) => tx.events.append({ ...note('x'), data }));
    await sequence();
    const [entry] = await wholeLog(store.audit);
    assert.deepEqual(entry!.event!.shown.data, {
      note: 'a\ufffdb\ufffdc\\u0000',
      deep: [{ 'k~/': '\ufffd' }],
      count: null,
    });
    assert.deepEqual((await check(store.audit)).problems, []);
  });

  inDatabase('fewer than a hundred events wait for a minute to pass, unless asked for at once', async () => {
    const take = (changes: object) =>
      store.audit.sequence({ now: instant(now), signer: notary.signer, lastSigned: undefined, ...changes });
    await write('first');
    now += minute;
    assert.equal((await take({})).appended, 1);
    await write(...many(60));
    assert.equal((await take({ now: instant(now + minute - 1) })).appended, 0);
    assert.equal((await take({ atOnce: true })).appended, 61, 'with the event that tells of the key');
    await write(...many(250));
    const { appended } = await take({});
    assert.equal(appended, 200);
    assert.deepEqual(
      (await allCheckpoints(store.audit)).map(({ size }) => size),
      [1, 62, 162, 262],
    );
    assert.equal((await take({ now: instant(now + minute) })).appended, 50);
  });

  inDatabase(
    'an event that commits late is in the log before later ones, and nothing that is in it ever moves',
    async () => {
      const slow = new pg.Client({ connectionString: database.url });
      await slow.connect();
      await slow.query('begin');
      await slow.query(
        `insert into events (at, kind, actor, data) values (1, 'note.taken', 'ada', '{"note":"early"}')`,
      );
      await write('late');
      await sequence();
      assert.deepEqual(await notesIn(), [], 'what is behind an open transaction has no place yet');
      await slow.query('commit');
      await slow.end();
      await until(async () => {
        await sequence();
        return (await notesIn()).length === 2;
      }, 'both events in the log');
      assert.deepEqual(await notesIn(), ['early', 'late']);
    },
  );

  inDatabase(
    'many writers and several sequencers at once: every event once, no sequencer undoes what another did',
    async () => {
      const stop = new AbortController();
      const sequencers = [1, 2, 3].map(async () => {
        const own = await makeNotary();
        try {
          while (!stop.signal.aborted) await sequence(own);
          await sequence(own);
        } finally {
          await own.remove();
        }
      });
      const expected: string[] = [];
      const writer = async (name: number) => {
        for (let turn = 0; turn < 20; turn++) {
          const texts = Array.from({ length: 1 + ((name + turn) % 3) }, (_, index) => `${name}/${turn}/${index}`);
          if ((name * turn) % 7 === 3)
            await assert.rejects(
              store.transaction(async (tx) => {
                await tx.events.append(...texts.map((text) => note(text)));
                throw new Error('gives up');
              }),
              /gives up/,
            );
          else {
            await write(...texts);
            expected.push(...texts);
          }
        }
      };
      await Promise.all([...Array(8).keys()].map(writer));
      stop.abort();
      await Promise.all(sequencers);
      // A transaction of anybody on this server, another test file's too, keeps what came after it waiting.
      await until(async () => {
        await sequence();
        return (await store.audit.state()).waiting === 0;
      }, 'nothing waits for its place');
      assert.deepEqual([...(await notesIn())].sort(), expected.sort());
      assert.deepEqual((await check(store.audit)).problems, []);
      assert.equal((await store.audit.keys()).length >= 1, true);
      assert.equal((await store.audit.state()).lost, 0);
    },
  );

  inDatabase('a sequencer that dies half-way leaves nothing, and the next one goes on', async () => {
    await write(...many(130));
    const dies = (): never => {
      throw new Error('dies while it signs');
    };
    await assert.rejects(
      store.audit.sequence({
        now: instant(now + minute),
        signer: (name) => ({ ...notary.signer(name), sign: dies }),
        lastSigned: undefined,
      }),
      /dies/,
    );
    assert.equal((await store.audit.state()).size, 0);
    await sequence();
    assert.deepEqual(await notesIn(), many(130));
    assert.deepEqual((await check(store.audit)).problems, []);
  });

  inDatabase('events of an earlier version, which have no entries, get theirs in their order', async () => {
    await query(
      database.url,
      `insert into events (at, kind, actor, data) select 1000 + n, 'note.taken', 'ada', jsonb_build_object('note', 'old ' || n)
       from generate_series(1, 150) n`,
    );
    await write('new');
    await sequence();
    assert.deepEqual(await notesIn(), [...Array.from({ length: 150 }, (_, index) => `old ${index + 1}`), 'new']);
    assert.deepEqual((await check(store.audit)).problems, []);
    await assert.rejects(query(database.url, `update events set leaf = '{}' where seq = 1`), {
      message: /append-only/,
    });
  });

  inDatabase('a database that was copied to a server with lower transaction numbers loses no event', async () => {
    await write('before');
    await sequence();
    // The copy: what is there keeps numbers that are ahead of the new server's.
    await query(
      database.url,
      `set session_replication_role = replica; update events set xid = (xid::text::bigint + 1000000000)::text::xid8;
       update audit_log set place_xid = '2000000000'`,
    );
    await write('after');
    await sequence();
    await write('and on');
    await sequence();
    assert.deepEqual(await notesIn(), ['before', 'after', 'and on']);
    assert.deepEqual((await check(store.audit)).problems, []);
  });

  inDatabase('proofs of a log of hundreds, between any sizes, from what the database keeps', async () => {
    await write(...many(700));
    await sequence();
    const checkpoints = await allCheckpoints(store.audit);
    const newest = checkpoints.at(-1)!;
    assert.equal(newest.size, 700);
    for (const index of [0, 1, 255, 256, 511, 512, 650, 699]) {
      const [entry] = await store.audit.entries({ from: index, limit: 1 });
      const proof = await store.audit.roots(inclusionPath(index, newest.size));
      const leaf = leafHash(hashBytes, utf8(entry!.event!.leaf));
      assert.ok(
        provesInclusion(hashBytes, { index, size: newest.size, leaf, proof, root: newest.root }),
        String(index),
      );
    }
    for (const older of checkpoints) {
      const proof = await store.audit.roots(consistencyPath(older.size, newest.size));
      assert.ok(provesConsistency(hashBytes, { older, newer: newest, proof }), String(older.size));
    }
  });

  inDatabase(
    'a checkpoint is checked with the public key alone; a second replica signs with its own, and both are on record',
    async () => {
      const other = await makeNotary();
      await write('one');
      await sequence();
      await write('two');
      await sequence(other);
      await sequence();
      const keys = (await store.audit.keys()).map((key) => parseKey(hashBytes, key));
      assert.deepEqual(
        keys.map(({ id }) => id),
        [notary, other].map((one) => one.signer(keys[0]!.name).key.id),
      );
      const spki = (key: Uint8Array) =>
        createPublicKey({
          key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]),
          format: 'der',
          type: 'spki',
        });
      for (const text of await store.audit.checkpoints({ after: 0, limit: 10 })) {
        const signed = signerOf(parseNote(text), keys, (key, message, signature) =>
          verifySignature(null, message, spki(key), signature),
        );
        assert.ok(signed);
        assert.equal(parseCheckpoint(parseNote(text).text).origin, keys[0]!.name);
      }
      const told = (await wholeLog(store.audit)).filter(({ event }) => event!.shown.kind === 'audit.key-used');
      assert.equal(told.length, 2);
      await other.remove();
    },
  );

  inDatabase('a log that was rewritten behind the back of the server gets no signature any more', async () => {
    await write(...many(120));
    await sequence();
    const [first] = await store.audit.checkpoints({ after: 0, limit: 1 });
    await write(...many(20));
    const change = (what: string) => query(database.url, `set session_replication_role = replica; ${what}`);
    await change(`update audit_entries set hash = sha256('x') where index = 3`);
    const strange = await makeNotary();
    await strange.remember(first!);
    await assert.rejects(sequence(strange), { code: 'audit/inconsistent' });
    await strange.remove();
    await change(`update audit_log set roots = sha256('x') || substring(roots from 33)`);
    await assert.rejects(sequence(), { code: 'audit/inconsistent' });
    assert.equal((await store.audit.state()).size, 120);
  });

  inDatabase('a log that is shorter than what was signed gets no signature any more', async () => {
    await write(...many(120));
    await sequence();
    await query(
      database.url,
      `set session_replication_role = replica; delete from audit_entries; delete from audit_nodes; delete from audit_checkpoints;
       update audit_log set size = 0, roots = '', place_xid = '0'; delete from events where seq > 100`,
    );
    await assert.rejects(sequence(), { code: 'audit/inconsistent' });
  });

  inDatabase('nobody changes entries, checkpoints or texts by SQL, unless he turns the guards off', async () => {
    await write('stays');
    await sequence();
    for (const attempt of [
      `update audit_entries set hash = ''`,
      'delete from audit_entries',
      'truncate audit_entries',
      `update audit_checkpoints set note = ''`,
      'delete from audit_checkpoints',
      `update events set actor = 'eve'`,
      `update events set leaf = null`,
      `update events set salts = '{}'`,
    ])
      await assert.rejects(query(database.url, attempt), { code: '23000' }, attempt);
  });

  inDatabase('texts about a person are erased, those about others stay, and everything is still proved', async () => {
    const handle = 'grace';
    await store.transaction((tx) =>
      tx.events.append(
        note('hello', handle),
        note('reviewed by @grace and grace@example.org'),
        { ...note('gracefully', 'ada'), release: newId('rel') },
        { ...note('x', 'ada'), data: { by: ['ada', handle], count: 1 } },
      ),
    );
    await sequence();
    const kept = await allCheckpoints(store.audit);
    const places = await store.transaction(async (tx) => {
      const gone = await tx.audit.erase({ handle, others: ['grace@example.org'] }, { textsToo: false });
      await tx.events.append({ kind: 'audit.erased', actor: 'ada', at: later(), data: { places: gone } });
      return gone;
    });
    assert.equal(places.length, 3);
    await sequence();
    const shown = (await wholeLog(store.audit)).map(({ event }) => event!.shown);
    assert.deepEqual(
      shown.slice(0, 4).map(({ actor, data }) => [actor, data]),
      [
        ['erased', { note: 'hello' }],
        ['ada', { note: 'erased' }],
        ['ada', { note: 'gracefully' }],
        ['ada', { by: ['ada', 'erased'], count: 1 }],
      ],
    );
    const everything = await query(database.url, `select string_agg(events::text, '') as text from events`);
    assert.doesNotMatch(String(everything[0]!['text']), /grace(?!fully)/);
    const { problems, erased } = await check(store.audit, [...kept, ...(await allCheckpoints(store.audit))]);
    assert.deepEqual({ problems, erased }, { problems: [], erased: 3 });
    assert.deepEqual(
      await store.transaction((tx) => tx.audit.erase({ handle, others: [] }, { textsToo: true })),
      [],
      'what is erased is not erased again',
    );
  });

  inDatabase('everything that a person wrote is erased on request', async () => {
    await store.transaction((tx) => tx.events.append(note('my words', 'grace'), note('words of others')));
    await store.transaction((tx) => tx.audit.erase({ handle: 'grace', others: [] }, { textsToo: true }));
    await sequence();
    assert.deepEqual(await notesIn(), ['erased', 'words of others']);
  });
});
