/** The audit log as people check it: the real commands, a real server, and an administrator of its database who has something to hide. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sequenceAll } from '../../src/engine/audit/sequence.ts';
import { apiWorld, makePerson, makeProject, token, type ApiWorld, type Loose } from '../world/api-server.ts';
import { query, until } from '../world/make.ts';
import { later } from '../make/records.ts';

const command = fileURLToPath(new URL('../../bin/liftlock.mjs', import.meta.url));

describe('checking the audit log', () => {
  let api: ApiWorld;
  let directory: string;
  let project: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock audit '));
    api = await apiWorld();
    const made = await makeProject(api);
    project = made.name;
    await api.post(`${made.path}/notify`);
    await until(async () => (await api.get(`${made.path}/builds`)).body.builds.length > 0, 'the first build');
    await api.work();
    for (let number = 0; number < 3; number++) {
      await api.store.transaction((tx) =>
        tx.events.append(
          ...Array.from({ length: 60 }, (_, index) => ({
            kind: 'note.taken',
            actor: index % 2 === 0 ? 'ada' : 'grace',
            at: later(),
            data: { note: `=note ${number}/${index}`, number: index },
          })),
        ),
      );
      await sequenceAll({ world: api.world, ...api.audit }, { atOnce: true });
    }
    await liftlock('audit', 'key').then(({ stdout }) => write('keys', stdout));
    await liftlock('audit', 'checkpoint', '--all', '-o', 'old.checkpoints');
    await liftlock('audit', 'export', '-o', 'old.jsonl');
  });
  after(async () => {
    await api?.close();
    await rm(directory, { recursive: true, force: true });
  });

  interface Said {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  function run(env: Record<string, string>, args: readonly string[]): Promise<Said> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [command, ...args], {
        cwd: directory,
        env: { PATH: process.env['PATH'] ?? '', HOME: directory, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }
  const liftlock = (...args: readonly string[]) =>
    run({ LIFTLOCK_URL: api.server.url, LIFTLOCK_TOKEN: token, LIFTLOCK_PROJECT: project }, args);
  /** Where no server is, and nothing of one. */
  const offline = (...args: readonly string[]) => run({}, args);
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const linesOf = async (name: string) => (await read(name)).trimEnd().split('\n');

  const offlineCheck = async (lines: readonly string[], checkpoints = 'old.checkpoints') => {
    await write('other.jsonl', `${lines.join('\n')}\n`);
    const { code, stdout } = await offline(
      '--json',
      'audit',
      'verify',
      '--log',
      'other.jsonl',
      '--checkpoint',
      checkpoints,
      '--key',
      'keys',
    );
    const { ok, first } = JSON.parse(stdout);
    assert.equal(code, ok ? 0 : 6);
    return first === null ? null : [first.code, first.entry];
  };

  /** Does to the rows what nobody may, checks, and puts everything back. */
  async function tampered(how: string, meanwhile = () => Promise.resolve()): Promise<Loose> {
    const tables = ['events', 'audit_entries', 'audit_nodes', 'audit_checkpoints', 'audit_log'];
    const guards = 'set session_replication_role = replica';
    await query(
      api.database.url,
      `create schema kept; ${tables.map((table) => `create table kept.${table} as table public.${table};`).join(' ')}`,
    );
    await query(api.database.url, `${guards}; ${how}`);
    await meanwhile();
    const { code, stdout } = await liftlock(
      '--json',
      'audit',
      'verify',
      '--checkpoint',
      'old.checkpoints',
      '--key',
      'keys',
    );
    const restore = tables.map(
      (table) =>
        `delete from public.${table}; insert into public.${table} overriding system value select * from kept.${table};`,
    );
    await query(api.database.url, `${guards}; ${restore.join(' ')} drop schema kept cascade`);
    const answer = JSON.parse(stdout);
    assert.equal(code, answer.ok ? 0 : 6, stdout);
    return answer;
  }

  test('a log that nobody touched is told to be as it was signed, by the server and without one', async () => {
    const online = await liftlock('audit', 'verify', '--key', 'keys', '--checkpoint', 'old.checkpoints');
    assert.equal(online.code, 0, online.stdout + online.stderr);
    assert.match(online.stdout, /the audit log is as it was signed: \d+ entries/);
    assert.equal(await offlineCheck(await linesOf('old.jsonl')), null);
  });

  test('what an administrator of the database does with the guards off is found, and the first entry named', async () => {
    const [at] = await query(
      api.database.url,
      `select index from audit_entries where seq = (select min(seq) + 20 from events where kind = 'note.taken')`,
    );
    const entry = Number(at!['index']);
    const row = `seq = (select seq from audit_entries where index = ${entry})`;
    const cases: readonly [what: string, sql: string, code: string, first?: number][] = [
      ['another actor', `update events set actor = 'eve' where ${row}`, 'FIELD_CHANGED'],
      ['another time', `update events set at = at + 1 where ${row}`, 'EVENT_CHANGED'],
      ['another kind', `update events set kind = 'note.lost' where ${row}`, 'EVENT_CHANGED'],
      ['another text', `update events set data = jsonb_set(data, '{note}', '"x"') where ${row}`, 'FIELD_CHANGED'],
      ['a removed text', `update events set actor = 'erased', salts = salts - '/actor' where ${row}`, 'FIELD_ERASED'],
      [
        'another time in the entry too',
        `update events set at = at + 1, leaf = replace(leaf, '"at":' || at, '"at":' || at + 1) where ${row}`,
        'ENTRY_CHANGED',
      ],
      [
        'and in its hash',
        `update events set at = at + 1, leaf = replace(leaf, '"at":' || at, '"at":' || at + 1) where ${row};
         update audit_entries set hash = sha256('\\x00'::bytea || convert_to((select leaf from events where ${row}), 'UTF8')) where index = ${entry}`,
        'ENTRY_CHANGED',
      ],
      ['a deleted event', `delete from events where ${row}`, 'ENTRY_MISSING'],
      [
        'a deleted event and its entry',
        `delete from events where ${row}; delete from audit_entries where index = ${entry}`,
        'ENTRY_MISSING',
      ],
      [
        'the others moved up',
        `delete from events where ${row}; delete from audit_entries where index = ${entry};
         update audit_entries set index = -index where index > ${entry}; update audit_entries set index = -index - 1 where index < 0`,
        'ENTRY_CHANGED',
      ],
      [
        'two in another order',
        `update audit_entries set index = -1 where index = ${entry}; update audit_entries set index = ${entry} where index = ${entry + 1};
         update audit_entries set index = ${entry + 1} where index = -1`,
        'ENTRY_CHANGED',
      ],
    ];
    for (const [what, sql, code] of cases) {
      const { first } = await tampered(sql);
      assert.deepEqual([first?.code, first?.entry], [code, entry], what);
    }
  });

  test('a shortened log, an event put behind it by hand, and a log made anew are found by what was kept', async () => {
    const [{ size }] = (await query(api.database.url, 'select size from audit_log')) as [{ size: number }];
    const cut = Number(size) - 30;
    const shorter = await tampered(
      `delete from events where seq in (select seq from audit_entries where index >= ${cut}); delete from audit_entries where index >= ${cut};
       delete from audit_checkpoints where size > ${cut}; update audit_log set size = ${cut}`,
    );
    assert.deepEqual([shorter.first.code, shorter.first.entry], ['LOG_TRUNCATED', cut]);

    const behind = await tampered(
      `insert into events (seq, xid, at, kind, actor, data) overriding system value values (-5, '5', 1, 'note.taken', 'eve', '{}')`,
    );
    assert.match(behind.problems.at(-1).message, /1 events stand in the database behind the log/);

    const forged = `update events set leaf = replace(leaf, '"kind":"note.taken"', '"kind":"note.token"'), kind = 'note.token' where kind = 'note.taken';
       update audit_entries entry set hash = sha256('\\x00'::bytea || convert_to(events.leaf, 'UTF8')) from events where events.seq = entry.seq;
       delete from audit_checkpoints`;
    const anew = await tampered(forged);
    const [firstNote] = await query(
      api.database.url,
      `select min(index) as index from audit_entries join events using (seq) where kind = 'note.taken'`,
    );
    assert.deepEqual([anew.first.code, anew.first.entry], ['ENTRY_CHANGED', Number(firstNote!['index'])]);
  });

  test('a log whose tree was made anew is not signed any more, and still looked at', async () => {
    const entry = { kind: 'note.taken', actor: 'ada', at: later(), data: { note: 'after it' } };
    const { problems } = await tampered(`update audit_log set roots = sha256('x') || substring(roots from 33)`, () =>
      api.store.transaction((tx) => tx.events.append(entry)),
    );
    assert.match(problems.at(-1).message, /is not a continuation of the \d+ entries that were signed here last/);
    const { code, stdout } = await liftlock('audit', 'verify', '--key', 'keys', '--checkpoint', 'old.checkpoints');
    assert.equal(code, 0, stdout);
  });

  test('a file is checked with nothing but checkpoints and the public key, and the first line that is wrong is named', async () => {
    const lines = await linesOf('old.jsonl');
    const change = (at: number, edit: (entry: Loose) => void) => {
      const entry = JSON.parse(lines[at]!);
      edit(entry);
      return lines.with(at, JSON.stringify(entry));
    };
    const edited = change(90, (entry) => (entry.leaf = entry.leaf.replace('"number":', '"number":1')));
    assert.deepEqual(await offlineCheck(edited), ['ENTRY_CHANGED', 90]);
    assert.deepEqual(await offlineCheck(change(70, (entry) => (entry.opened['/data/note'].value = 'x'))), [
      'FIELD_CHANGED',
      70,
    ]);
    assert.deepEqual(await offlineCheck(lines.toSpliced(33, 1)), ['ENTRY_MISSING', 33]);
    assert.deepEqual(await offlineCheck(lines.toSpliced(33, 0, lines[20]!)), ['ENTRY_OUT_OF_ORDER', 20]);
    assert.deepEqual(await offlineCheck(lines.slice(0, 100)), ['LOG_TRUNCATED', 100]);
    assert.deepEqual(await offlineCheck(lines.with(12, '{"index":12')), ['ENTRY_UNREADABLE', 12]);
    await write('half.checkpoints', (await read('old.checkpoints')).replace(/^\d+$/m, '7'));
    const forged = await offline('audit', 'verify', '-l', 'old.jsonl', '-c', 'half.checkpoints', '-k', 'keys');
    assert.match(forged.stderr, /the checkpoint of 7 entries is signed by none of the given keys/);
    assert.equal(forged.code, 3);
    const alone = await offline('audit', 'verify', '--log', 'old.jsonl', '--key', 'keys');
    assert.deepEqual(
      [alone.code, alone.stderr.split('\n')[0]],
      [2, 'error: a file alone proves nothing: against which checkpoint is it to be checked?'],
    );
  });

  test('an event is proved to an outsider, and a proof that was changed does not hold', async () => {
    const made = await liftlock('audit', 'proof', '#25', '-o', 'proof.json');
    assert.equal(made.code, 0, made.stderr);
    const right = await offline('audit', 'verify-proof', 'proof.json', '--key', 'keys');
    assert.equal(right.code, 0, right.stderr);
    assert.match(right.stdout, /^entry 25 is in the log liftlock\/[0-9a-f]{32}, as it was signed at \d+ entries/);
    await write('forged.json', (await read('proof.json')).replace('\\"v\\":1', '\\"v\\": 1'));
    const wrong = await offline('audit', 'verify-proof', 'forged.json', '--key', 'keys');
    assert.equal(wrong.code, 6);
    assert.match(wrong.stdout, /it does not hold: entry 25 is not in the log/);
  });

  test('the record of a release is one signed file, checked without a server', async () => {
    const made = await liftlock('release', 'export', 'latest', '-o', 'release.bundle');
    assert.equal(made.code, 0, made.stderr);
    const right = await offline('--json', 'audit', 'verify-bundle', 'release.bundle', '--key', 'keys');
    assert.equal(right.code, 0, right.stdout + right.stderr);
    const { ok, events, record } = JSON.parse(right.stdout);
    assert.ok(ok);
    assert.ok(events.some(({ event }: Loose) => event.kind === 'release.created'));
    assert.equal(record.detail.release.number, 1);
    assert.deepEqual(record.decisions, []);
    await write('forged.bundle', (await read('release.bundle')).replace('"number":1', '"number":2'));
    const wrong = await offline('audit', 'verify-bundle', 'forged.bundle', '--key', 'keys');
    assert.deepEqual(
      [wrong.code, wrong.stdout],
      [6, 'it does not hold: the bundle is signed by none of the given keys\n'],
    );
  });

  test('exports for spreadsheets begin no formula, those for other programs are CloudEvents', async () => {
    const csv = await liftlock('audit', 'export', '--csv');
    const notes = csv.stdout.split('\r\n').filter((line) => line.includes('note.taken'));
    assert.equal(notes.length, 180);
    assert.doesNotMatch(csv.stdout, /(?:^|,)"[=+\-@]/m);
    const cloud = (await liftlock('audit', 'export', '--cloudevents', '--release', 'latest')).stdout
      .trimEnd()
      .split('\n');
    const [first] = cloud.map((line) => JSON.parse(line));
    assert.deepEqual([first.specversion, first.type], ['1.0', 'dev.liftlock.release.created']);
    assert.equal((await liftlock('audit', 'export', '--since', '1s')).code, 0);
    assert.equal((await liftlock('audit', 'export', '--csv', '--jsonl')).code, 2);
  });

  test('a person is erased from the record at his wish; what was exported before still agrees with the log', async () => {
    const person = await makePerson(api, ['developer']);
    const refused = await liftlock('audit', 'erase', person.handle, '--yes');
    assert.equal(refused.code, 3, refused.stderr);
    await api.post(`/api/v1/people/${person.handle}/disable`);
    const said = await liftlock('--json', 'audit', 'erase', person.handle, '--yes', '--reason', 'asked for it');
    assert.ok(JSON.parse(said.stdout).erased >= 2, said.stdout + said.stderr);
    const events = await query(api.database.url, `select string_agg(events::text, '') as text from events`);
    assert.equal(String(events[0]!['text']).includes(`"${person.handle}"`), false);
    const { code, stdout } = await liftlock('audit', 'verify', '--key', 'keys', '--checkpoint', 'old.checkpoints');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /texts about people were erased/);
  });

  test('only auditors and administrators read the log', async () => {
    const auditor = await makePerson(api, ['auditor']);
    const developer = await makePerson(api, ['developer', 'release-manager']);
    const paths = ['/api/v1/audit', '/api/v1/audit/entries', '/api/v1/audit/checkpoints', '/api/v1/audit/proofs/1'];
    for (const path of paths) {
      assert.equal((await auditor.get(path)).status, 200, path);
      assert.equal((await developer.get(path)).status, 403, path);
    }
    assert.equal((await auditor.post('/api/v1/audit/erase', { person: 'ada', reason: 'x' })).status, 403);
    assert.equal((await developer.get(`/api/v1/projects/${project}/releases/latest/bundle`)).status, 200);
  });
});
