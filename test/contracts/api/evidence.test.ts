import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { preAuthEncoding, statementMedia } from '../../../src/adapters/evidence/dsse.ts';
import { announceKey } from '../../../src/engine/audit/installation-key.ts';
import {
  apiWorld,
  ask,
  makePerson,
  makeProject,
  token,
  type Answer,
  type ApiWorld,
  type Loose,
} from '../../world/api-server.ts';
import { query, until } from '../../world/make.ts';
import { golden } from '../../make/report-of.ts';

const junit = (failures = 0) =>
  `<testsuite tests="2"><testcase name="a"/><testcase name="b">${failures > 0 ? '<failure/>' : ''}</testcase></testsuite>`;

interface Key {
  readonly pem: string;
  readonly privateKey: KeyObject;
}

function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey };
}

describe('evidence by the API', () => {
  let api: ApiWorld;
  let path = '';
  let release: Loose;
  const key = makeKey();

  before(async () => {
    api = await apiWorld();
    ({ path } = await makeProject(api));
    await api.post(`${path}/notify`);
    // A job is on its queue a moment before what it is about can be seen.
    await until(async () => (await api.get(`${path}/builds`)).body.builds.length > 0, 'the commit to be seen');
    await until(async () => {
      await api.work();
      return (await list()).some(({ kind }) => kind === 'command');
    }, 'the release to be verified in staging');
    ({ release } = (await api.get(`${path}/releases/1`)).body);
    await announceKey(api.world);
    await addSigner('ci', key, { kinds: ['tests', 'scan', 'load'] });
  });
  after(() => api?.close());

  const addSigner = async (name: string, { pem }: Key, changes: object = {}) => {
    const answer = await api.post('/api/v1/evidence-signers', { name, publicKey: pem, kinds: ['tests'], ...changes });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const upload = (content: string | Uint8Array, said = '', headers: Record<string, string> = {}): Promise<Answer> =>
    ask(api.server, `${path}/releases/1/evidence?${said}`, {
      method: 'POST',
      body: content as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': 'application/octet-stream', ...headers },
    });
  const list = async (): Promise<Loose[]> => (await api.get(`${path}/releases/1/evidence`)).body.evidence ?? [];
  let made = 0;
  const statement = (changes: object = {}, predicate: object = {}) => ({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'shop', digest: { sha256: release.artifact.slice(7), gitCommit: release.commit } }],
    predicateType: 'urn:liftlock:report:v1',
    predicate: {
      format: 'junit',
      report: junit(),
      name: `run ${(made += 1)}`,
      timeCreated: new Date().toISOString(),
      ...predicate,
    },
    ...changes,
  });
  const sealed = (value: object, { privateKey }: Key = key): string => {
    const payload = Buffer.from(JSON.stringify(value));
    const sig = sign(null, preAuthEncoding(statementMedia, payload), privateKey).toString('base64');
    return JSON.stringify({ payloadType: statementMedia, payload: payload.toString('base64'), signatures: [{ sig }] });
  };

  test('what Liftlock sees itself is attested and signed, and the signature holds', async () => {
    const own = (await list()).filter(({ by }) => by === 'system:engine');
    assert.deepEqual(new Set(own.map(({ kind }) => kind)), new Set(['build', 'readiness', 'command']));
    for (const { id } of own) {
      const { standing, signature, artifact, gitCommit } = (await api.get(`${path}/evidence/${id}`)).body;
      assert.deepEqual([standing, artifact, gitCommit], ['attested', release.artifact, release.commit]);
      assert.deepEqual([signature.valid, signature.key], [true, api.world.attestations.key.id]);
    }
  });

  test('a report that nobody signed is claimed by who brought it, whatever it says', async () => {
    for (const [failures, verdict] of [
      [0, 'PASS'],
      [1, 'FAIL'],
    ] as const) {
      const { status, body } = await upload(junit(failures), 'name=unsigned&environment=staging');
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(
        [body.kind, body.verdict, body.standing, body.by, body.environment, body.format],
        ['tests', verdict, 'claimed', 'tess', 'staging', 'junit'],
      );
    }
    const named = (await list()).filter(({ name }) => name === 'unsigned');
    assert.deepEqual(
      named.map(({ counts }) => counts),
      [false, true],
    );
  });

  test('the stored bytes come back as they were, and no browser takes them for a page', async () => {
    const content = golden('npm-audit-high.json');
    const { body } = await upload(content);
    assert.deepEqual([body.kind, body.verdict], ['audit', 'FAIL']);
    const back = await fetch(`${api.server.url}${path}/evidence/${body.id}/content`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), content);
    assert.equal(back.headers.get('content-type'), 'application/octet-stream');
    assert.match(back.headers.get('content-disposition') ?? '', /^attachment/);
    const shown = (await api.get(`${path}/evidence/${body.id}`)).body;
    assert.deepEqual([shown.signature, shown.details.findings.length], [null, 2]);
  });

  test('a signed statement is attested by its signer, once, however often it is brought', async () => {
    const envelope = sealed(statement({}, { environment: 'staging' }));
    const first = await upload(envelope);
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const { standing, by, kind, verdict, environment, id } = first.body;
    assert.deepEqual([standing, by, kind, verdict, environment], ['attested', 'signer:ci', 'tests', 'PASS', 'staging']);
    const shown = (await api.get(`${path}/evidence/${id}`)).body;
    assert.deepEqual([shown.signature.valid, shown.signature.by, shown.envelope], [true, 'ci', shown.content]);
    // Wrapped anew it is the same statement still.
    assert.equal((await upload(`\n${envelope}`)).body.id, id);
  });

  test('a record that was changed in the database is no longer what was signed', async () => {
    const { id } = (await upload(sealed(statement({}, { name: 'tampered', report: junit(1) })))).body;
    const [own] = (await list()).filter(({ kind }) => kind === 'command');
    for (const [piece, change] of [
      [id, "verdict = 'PASS'"],
      [own.id, "verdict = 'FAIL'"],
      [own.id, "verdict = 'PASS', name = 'other'"],
    ]) {
      await query(api.database.url, `update evidence set ${change} where id = $1`, [piece]);
      const { signature } = (await api.get(`${path}/evidence/${piece}`)).body;
      assert.equal(signature.valid, false, change);
      assert.match(signature.sentence, /the record was changed/);
    }
    await query(api.database.url, 'update evidence set name = $2 where id = $1', [own.id, own.name]);
    assert.equal((await api.get(`${path}/evidence/${own.id}`)).body.signature.valid, true);
  });

  test('an old PASS cannot be played again over a newer FAIL', async () => {
    const good = sealed(statement({}, { name: 'replayed' }));
    await upload(good);
    await upload(sealed(statement({}, { name: 'replayed', report: junit(1) })));
    await upload(good);
    const counting = (await list()).filter(({ name, counts }) => name === 'replayed' && counts);
    assert.deepEqual(
      counting.map(({ verdict }) => verdict),
      ['FAIL'],
    );
  });

  test('a PASS that was kept back is none after the FAIL that followed it; a new run is', async () => {
    const timeCreated = new Date(Date.now() - 60_000).toISOString();
    const kept = sealed(statement({}, { name: 'kept', timeCreated }));
    await upload(sealed(statement({}, { name: 'kept', report: junit(1) })));
    const { status, body } = await upload(kept);
    assert.deepEqual([status, body.code], [422, 'evidence/refused']);
    assert.match(body.detail, /OUTDATED/);
    assert.equal((await upload(sealed(statement({}, { name: 'kept' })))).status, 200);
  });

  test('a claim does not take the place of what was attested', async () => {
    await upload(sealed(statement({}, { name: 'contested', report: junit(1) })));
    await upload(junit(), 'name=contested');
    const counting = (await list()).filter(({ name, counts }) => name === 'contested' && counts);
    assert.deepEqual(
      counting.map(({ standing, verdict }) => `${standing} ${verdict}`),
      ['attested FAIL', 'claimed PASS'],
    );
  });

  test('every condition of a signed statement has to hold, and each says so under its code', async () => {
    const stranger = makeKey();
    const narrow = makeKey();
    const { name: elsewhere } = await makeProject(api);
    await addSigner('narrow', narrow, { projects: [elsewhere] });
    const refusals = {
      SIGNER_UNKNOWN: sealed(statement(), stranger),
      KIND_NOT_ALLOWED: sealed(statement({}, { format: 'exit-code', report: '0' })),
      PROJECT_NOT_ALLOWED: sealed(statement(), narrow),
      SUBJECT_MISMATCH: sealed(statement({ subject: [{ digest: { sha256: 'a'.repeat(64) } }] })),
      COMMIT_MISMATCH: sealed(
        statement({ subject: [{ digest: { sha256: release.artifact.slice(7), gitCommit: 'b'.repeat(40) } }] }),
      ),
      TIME_MISSING: sealed(statement({}, { timeCreated: undefined })),
      FROM_THE_FUTURE: sealed(statement({}, { timeCreated: new Date(Date.now() + 3_600_000).toISOString() })),
      STALE: sealed(statement({}, { timeCreated: '2020-01-01T00:00:00Z' })),
    };
    const already = (await list()).length;
    for (const [code, content] of Object.entries(refusals)) {
      const { status, body } = await upload(content);
      assert.deepEqual([status, body.code], [422, 'evidence/refused'], code);
      assert.match(body.detail, new RegExp(`: ${code}: `), code);
    }
    assert.equal((await list()).length, already);
  });

  test('whoever only carries a statement cannot make it speak of something else', async () => {
    const envelope = sealed(statement({}, { name: 'unit', environment: 'staging' }));
    for (const said of ['name=acceptance', 'environment=production', 'kind=scan'])
      assert.equal((await upload(envelope, said)).body.code, 'evidence/refused', said);
    assert.equal((await upload(envelope, 'name=unit&environment=staging&kind=tests')).status, 200);
  });

  test('Liftlock does not take its own statements from others, and nobody registers its key', async () => {
    const [build] = (await list()).filter(({ kind }) => kind === 'build');
    const back = await fetch(`${api.server.url}${path}/evidence/${build.id}/content?part=envelope`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { body } = await upload(await back.text());
    assert.match(body.detail, /SIGNER_UNKNOWN/);
    const own = { name: 'own', publicKey: api.world.attestations.key.publicKey, kinds: ['tests'] };
    assert.equal((await api.post('/api/v1/evidence-signers', own)).body.code, 'request/conflict');
  });

  test('once a signer is revoked, what he attested is only claimed, and his key stays refused', async () => {
    const lost = makeKey();
    await addSigner('lost', lost);
    const { id } = (await upload(sealed(statement(), lost))).body;
    const standing = async () => (await api.get(`${path}/evidence/${id}`)).body.standing;
    assert.equal(await standing(), 'attested');
    await api.post('/api/v1/evidence-signers/lost/revoke', { reason: 'the runner was broken into' });
    assert.equal(await standing(), 'claimed');
    assert.match((await upload(sealed(statement(), lost))).body.detail, /SIGNER_REVOKED/);
    assert.match(
      (await api.post('/api/v1/evidence-signers', { name: 'again', publicKey: lost.pem, kinds: ['tests'] })).body
        .detail,
      /was revoked/,
    );
    assert.equal(
      (await api.post('/api/v1/evidence-signers/lost/revoke', { reason: 'twice' })).body.code,
      'evidence/unknown-signer',
    );
  });

  test('what nobody can read, or is evidence of something else, is refused by name', async () => {
    for (const [content, said, code] of [
      ['all good', '', 'evidence/unreadable'],
      ['', '', 'evidence/unreadable'],
      [junit(), 'kind=load', 'evidence/refused'],
      [junit(), 'kind=sign-off', 'input/invalid'],
      [junit(), 'environment=moon', 'environment/unknown'],
      [junit(), 'expiresAt=1', 'input/invalid'],
      [junit(), 'format=html', 'input/invalid'],
      [sealed(statement({ predicateType: 'https://example.com/horoscope' })), '', 'evidence/unreadable'],
      [
        sealed(
          statement({
            predicateType: 'https://in-toto.io/attestation/svr/v0.1',
            predicate: { properties: ['LIFTLOCK_SIGN_OFF_PASSED'] },
          }),
        ),
        '',
        'evidence/refused',
      ],
    ] as const)
      assert.equal((await upload(content, said)).body.code, code, `${said} ${content.slice(0, 40)}`);
  });

  test('an upload that is too large is refused before it is read whole', async () => {
    const { status, body } = await upload(new Uint8Array(33 * 2 ** 20));
    assert.deepEqual([status, body.code], [413, 'input/too-large']);
  });

  test('the same request under the same key has its effect once; expiry is kept', async () => {
    const expiresAt = Date.now() + 3_600_000;
    const headers = { 'idempotency-key': 'one-upload' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => upload(junit(), `name=keyed&expiresAt=${expiresAt}`, headers)),
    );
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1, JSON.stringify(answers.map(({ body }) => body)));
    assert.equal(answers[0]!.body.expiresAt, expiresAt);
    const other = await upload(junit(1), `name=keyed&expiresAt=${expiresAt}`, headers);
    assert.equal(other.body.code, 'request/idempotency-mismatch');
  });

  test('R41: what is recorded has its event, and wakes the environments', async () => {
    const { body } = await upload(junit(), 'name=told');
    const rows = await query(
      api.database.url,
      `select data, actor from events where kind = 'evidence.added' and data->>'evidence' = $1`,
      [body.id],
    );
    assert.deepEqual(
      [rows.length, rows[0].actor, rows[0].data.verdict, rows[0].data.content],
      [1, 'tess', 'PASS', body.content],
    );
    const due = await query(api.database.url, 'select count(*)::int as due from environments where due_at <= $1', [
      Date.now(),
    ]);
    assert.ok(due[0].due >= 3);
  });

  test('qa and machines bring evidence, viewers do not; only administrators choose signers', async () => {
    const [qa, viewer, maintainer] = [
      await makePerson(api, ['qa']),
      await makePerson(api, ['viewer']),
      await makePerson(api, ['maintainer']),
    ];
    const as = (who: { token: string }) => upload(junit(), 'name=roles', { authorization: `Bearer ${who.token}` });
    assert.deepEqual([(await as(qa)).status, (await as(viewer)).status], [200, 403]);
    const signer = { name: 'mine', publicKey: makeKey().pem, kinds: ['tests'] };
    assert.equal((await maintainer.post('/api/v1/evidence-signers', signer)).status, 403);
    assert.equal((await maintainer.get('/api/v1/evidence-signers')).status, 200);
  });

  test('evidence of one project is not found in another', async () => {
    const [piece] = await list();
    const { path: other } = await makeProject(api);
    assert.equal((await api.get(`${other}/evidence/${piece.id}`)).body.code, 'evidence/unknown');
    assert.equal((await api.get(`${path}/evidence/evd_${'0'.repeat(26)}`)).body.code, 'evidence/unknown');
  });
});
