/** Every endpoint of a real server, held against the OpenAPI document that the same server hands out. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  apiWorld,
  makePerson,
  ask,
  makeProject,
  pipelineFile,
  tester,
  type Answer,
  type ApiWorld,
  type Loose,
} from '../../world/api-server.ts';
import { createAuthenticator } from '../../world/authenticator.ts';
import { ownEd25519 } from '../signatures/ssh-keys.ts';
import { instant, type Duration } from '../../../src/domain/base/time.ts';
import { usualAnalysis, usualSteps } from '../../../src/domain/pipeline/rollout-spec.ts';
import { planOf } from '../../../src/domain/rollout/all.ts';
import { beginRollout } from '../../../src/domain/rollout/rollout.ts';
import { runningProgress } from '../../make/facts.ts';
import { insertDeadNotification, makePromotion } from '../../make/records.ts';

const keep = 60_000 as Duration;

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { content: Record<string, { schema: object }> };
  readonly responses: Readonly<Record<string, { content: Record<string, { schema: object }> }>>;
}

describe('answers of the API', () => {
  let api: ApiWorld;
  let document: Document;
  let ajv: Ajv2020;
  const validators = new Map<string, ValidateFunction>();
  const seen = new Set<string>();

  before(async () => {
    api = await apiWorld();
    document = (await api.get('/api/openapi.json')).body;
    ajv = new Ajv2020({ allErrors: true, strict: false });
    ajv.addSchema(document as never, 'openapi');
  });
  after(() => api?.close());

  /** Asserts that the answer is what the document promises of this operation, and answers its body. */
  function promised(name: string, answer: Answer): Loose {
    const [path, method] = placeOf(name);
    const status = Object.keys(document.paths[path]![method]!.responses).find((code) => code !== 'default')!;
    assert.equal(answer.status, Number(status), `${name}: ${JSON.stringify(answer.body)}`);
    const pointer = `openapi#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}/responses/${status}/content/application~1json/schema`;
    const validate = validators.get(name) ?? ajv.compile({ $ref: encodeURI(pointer).replaceAll('%23', '#') });
    validators.set(name, validate);
    assert.ok(
      validate(answer.body),
      `${name} answers ${JSON.stringify(answer.body)}: ${ajv.errorsText(validate.errors)}`,
    );
    seen.add(name);
    return answer.body;
  }

  function placeOf(name: string): [path: string, method: string] {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations))
        if (operation.operationId === name) return [path, method];
    }
    throw new Error(`the document has no operation ${name}`);
  }

  test('the document is OpenAPI 3.1 and has every route of the server', () => {
    assert.match(document.openapi, /^3\.1\./);
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = api.server.routes.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`);
    assert.ok(routes.length > 30);
    assert.deepEqual(documented.toSorted(), routes.toSorted());
  });

  test('every reference in the document leads somewhere, every schema compiles, and every path parameter is described', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
    assert.ok(references.length > 50);
    for (const reference of new Set(references)) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce<Loose>((part, key) => part?.[key], document);
      assert.ok(found !== undefined && reference.startsWith('#/components/schemas/'), `${reference} leads nowhere`);
      assert.doesNotThrow(() => ajv.compile({ $ref: `openapi${reference}` }), reference);
    }
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const { parameters, operationId } of Object.values(operations)) {
        const described = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
        assert.deepEqual(described, path.match(/\{\w+\}/g) ?? [], operationId);
      }
    }
  });

  test('names of operations are unique', () => {
    const names = api.server.routes.map(({ endpoint }) => endpoint.name);
    assert.equal(new Set(names).size, names.length);
  });

  test('from a commit to production and back, every answer is as promised', async () => {
    const { name, path, repository } = await makeProject(api);
    promised('projects.list', await api.get('/api/v1/projects'));
    assert.equal(promised('projects.pipeline', await api.get(`${path}/pipeline`)).project, name);
    promised('projects.status', await api.get(`${path}/status`));
    assert.equal(promised('projects.notify', await api.post(`${path}/notify`)).project, name);
    await release(path, 1);
    const status = promised('projects.status', await api.get(`${path}/status`));
    assert.deepEqual(
      status.environments.map((environment: Loose) => environment.running?.release.number ?? null),
      [1, 1, null],
    );

    assert.equal(promised('releases.list', await api.get(`${path}/releases`)).releases.length, 1);
    const { evidence } = promised('releases.show', await api.get(`${path}/releases/latest`));
    assert.ok(evidence.some((piece: Loose) => piece.name === 'smoke' && piece.verdict === 'PASS'));
    assert.equal(promised('builds.list', await api.get(`${path}/builds?limit=5`)).builds[0].state, 'built');
    const logs = promised('projects.logs', await api.get(`${path}/logs?subject=build/1`));
    assert.equal(logs.pieces[0].text.trim(), 'built');

    const why = promised('projects.why', await api.get(`${path}/why?release=1&environment=production`));
    assert.equal(why.standing, 'waiting');
    const [arrival] = promised('projects.arrivals', await api.get(`${path}/arrivals`)).arrivals;
    assert.deepEqual([arrival.environment, arrival.release.number, arrival.is], ['production', 1, 'ready']);
    const plan = promised('projects.plan', await api.get(`${path}/plan?release=1&environment=production`));
    assert.equal(plan.direction, 'first');
    const asked = promised(
      'promotions.create',
      await api.post(`${path}/promotions`, { release: '1', environment: 'production' }),
    );
    promised('projects.status', await api.get(`${path}/status`));
    await api.work();
    const decision = { release: '1', planHash: plan.planHash, reason: 'looks right' };
    assert.equal(
      promised(
        'environments.approve',
        await api.post(`${path}/environments/production/approve`, decision, { 'x-liftlock-actor': 'ada' }),
      ).promotion,
      asked.promotion,
    );
    await api.work();
    assert.equal(
      promised('promotions.show', await api.get(`/api/v1/promotions/${asked.promotion}`)).outcome,
      'succeeded',
    );
    assert.ok(
      promised('promotions.list', await api.get(`${path}/promotions?environment=production`)).promotions.length === 1,
    );

    await release(path, 2, repository);
    await reach(path, 'staging', 2);
    promised('environments.rollback-targets', await api.get(`${path}/environments/staging/rollback-targets`));
    const back = promised(
      'environments.rollback',
      await api.post(`${path}/environments/staging/rollback`, { reason: 'slower than before' }),
    );
    await api.work();
    assert.equal(
      promised('promotions.show', await api.get(`/api/v1/promotions/${back.promotion}`)).outcome,
      'succeeded',
    );

    const requested = promised('environments.verify', await api.post(`${path}/environments/staging/verify`));
    promised('verifications.show', await api.get(`/api/v1/verifications/${requested.request}`));
    await api.work();
    assert.equal(
      promised('verifications.show', await api.get(`/api/v1/verifications/${requested.request}`)).verdict,
      'PASS',
    );
    promised('projects.status', await api.get(`${path}/status`));
    promised('releases.show', await api.get(`${path}/releases/2`));
    const { occupancies } = promised('projects.occupancies', await api.get(`${path}/occupancies?environment=staging`));
    assert.deepEqual(
      occupancies.map((one: Loose) => one.release.number),
      [1, 2, 1],
    );
    assert.equal(occupancies[0].until, null);
    assert.equal(occupancies[1].until, occupancies[0].from);
    const { occupancies: ofSecond } = promised('projects.occupancies', await api.get(`${path}/occupancies?release=2`));
    assert.deepEqual(
      ofSecond.map((one: Loose) => one.environment),
      ['development', 'staging'],
    );
  });

  test('what people do to an environment and a release answers as promised', async () => {
    const { path } = await makeProject(api);
    await api.post(`${path}/notify`);
    await release(path, 1);
    const production = `${path}/environments/production`;
    promised('environments.hold', await api.post(`${production}/hold`, { reason: 'stocktaking' }));
    promised('environments.pin', await api.post(`${production}/pin`, { release: '1', reason: 'the one we know' }));
    const control = await api.post('/api/v1/freezes', {
      project: path.split('/').at(-1),
      environment: 'production',
      until: Date.now() + 3_600_000,
      reason: 'holidays',
    });
    const { freeze } = promised('freezes.create', control);
    assert.ok(
      promised('freezes.list', await api.get('/api/v1/freezes')).freezes.some(
        (each: Loose) => each.id === freeze && each.environment === 'production',
      ),
    );
    const status = promised('projects.status', await api.get(`${path}/status`));
    assert.equal(status.environments[2].freezes[0].id, freeze);
    assert.equal(status.environments[2].hold.reason, 'stocktaking');
    promised('environments.next', await api.get(`${production}/next`));
    promised('freezes.lift', await api.post(`/api/v1/freezes/${freeze}/lift`, { reason: 'over' }));
    promised('environments.unpin', await api.post(`${production}/unpin`, { reason: 'over' }));
    promised('environments.release-hold', await api.post(`${production}/release-hold`, { reason: 'counted' }));

    const withdrawn = promised(
      'promotions.create',
      await api.post(`${path}/promotions`, { release: '1', environment: 'production' }),
    );
    await api.work();
    const shut = (
      await api.post('/api/v1/freezes', { project: path.split('/').at(-1), until: Date.now() + 60_000, reason: 'wait' })
    ).body.freeze;
    promised('environments.approve', await api.post(`${production}/approve`, { release: '1' }));
    const back = await api.post(`${production}/withdraw-approval`, { release: '1', reason: 'too early' });
    assert.equal(promised('environments.withdraw-approval', back).promotion, withdrawn.promotion);
    promised('freezes.lift', await api.post(`/api/v1/freezes/${shut}/lift`, { reason: 'over' }));
    const abort = promised(
      'promotions.abort',
      await api.post(`/api/v1/promotions/${withdrawn.promotion}/abort`, { reason: 'changed my mind' }),
    );
    assert.equal(abort.ended, true);
    const first = promised(
      'promotions.create',
      await api.post(`${path}/promotions`, { release: 'latest', environment: 'production' }),
    );
    promised(
      'environments.reject',
      await api.post(
        `${production}/reject`,
        { release: '1', reason: 'not on a Friday' },
        { 'x-liftlock-actor': 'grace' },
      ),
    );
    assert.equal(
      promised('promotions.show', await api.get(`/api/v1/promotions/${first.promotion}`)).outcome,
      'refused',
    );
    promised(
      'releases.veto',
      await api.post(`${path}/releases/1/veto`, { environment: 'production', reason: 'loses orders' }),
    );
    const again = await api.post(`${production}/ask-again`, { release: '1' });
    assert.deepEqual(promised('environments.ask-again', again), { asked: [] });
    const own = promised('doctor.project', await api.get(`${path}/doctor`)).findings;
    assert.match(own.find(({ check }: Loose) => check === 'notifications').todo, /^liftlock channel add/);
    const { findings } = promised('doctor.installation', await api.get('/api/v1/doctor'));
    const results = Object.fromEntries(findings.map(({ check, result }: Loose) => [check, result]));
    assert.deepEqual(
      [results.node, results.git, results.encryption, results.administrators],
      ['ok', 'ok', 'ok', 'warning'],
    );
    const { vetoes } = promised('vetoes.list', await api.get(`${path}/vetoes`));
    assert.deepEqual([vetoes[0].release.number, vetoes[0].environment, vetoes.length], [1, 'production', 1]);
    assert.equal(
      promised('projects.why', await api.get(`${path}/why?release=1&environment=production`)).standing,
      'closed',
    );
    promised(
      'releases.lift-veto',
      await api.post(`${path}/releases/1/lift-veto`, { environment: 'production', reason: 'it did not' }),
    );
    assert.deepEqual((await api.get(`${path}/vetoes`)).body.vetoes, []);
  });

  test('a build that failed can be tried again, one that is fine cannot', async () => {
    const { path } = await makeProject(api, { build: 'exit 3' });
    await api.post(`${path}/notify`);
    await queued(path);
    await api.work();
    assert.equal((await api.get(`${path}/builds`)).body.builds[0].state, 'failed');
    promised('projects.status', await api.get(`${path}/status`));
    assert.equal(promised('builds.retry', await api.post(`${path}/builds/1/retry`)).attempt, 2);
    const twice = await api.post(`${path}/builds/1/retry`);
    assert.equal(twice.body.code, 'request/conflict');
    await api.work();
    const [build] = promised('builds.list', await api.get(`${path}/builds`)).builds;
    assert.equal(build.state, 'failed');
    assert.match(build.reason, /exited with 3/);
    assert.equal((await api.post(`${path}/builds/99/retry`)).body.code, 'request/not-found');
  });

  test('a pipeline applied again changes nothing, and a wrong one lists every problem with its place', async () => {
    const { path, name } = await makeProject(api);
    const { text } = (await api.get(`${path}/pipeline`)).body;
    const again = promised('projects.apply', await api.post('/api/v1/projects', { text }));
    assert.deepEqual([again.project, again.changed, again.created], [name, false, false]);
    const wrong = await api.post('/api/v1/projects', {
      file: 'liftlock.yaml',
      text: `${text}\nextra: 1\n`.replace('kind: staging', 'kind: stagging'),
    });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.body.code, 'pipeline/invalid');
    assert.equal(wrong.body.problems.length, 2);
    assert.deepEqual(Object.keys(wrong.body.problems[0]).toSorted(), [
      'column',
      'file',
      'hint',
      'line',
      'message',
      'path',
    ]);
    assert.equal((await api.get(`${path}/pipeline`)).body.text, text);
  });

  test('evidence and its signers answer as promised', async () => {
    const { path } = await makeProject(api);
    await api.post(`${path}/notify`);
    await release(path, 1);
    const uploaded = await ask(api.server, `${path}/releases/1/evidence?environment=staging`, {
      method: 'POST',
      body: '<testsuite tests="1"><testcase name="adds"/></testsuite>',
    });
    const piece = promised('evidence.add', uploaded);
    assert.deepEqual([piece.kind, piece.verdict, piece.standing], ['tests', 'PASS', 'claimed']);
    const { evidence } = promised('evidence.list', await api.get(`${path}/releases/1/evidence`));
    for (const one of evidence) promised('evidence.show', await api.get(`${path}/evidence/${one.id}`));
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = publicKey.export({ type: 'spki', format: 'pem' });
    const body = { name: 'answers', publicKey: key, kinds: ['scan'], projects: [path.split('/').at(-1)] };
    promised('evidence-signers.add', await api.post('/api/v1/evidence-signers', body));
    promised('evidence-signers.list', await api.get('/api/v1/evidence-signers'));
    promised('evidence-signers.revoke', await api.post('/api/v1/evidence-signers/answers/revoke', { reason: 'over' }));
  });

  test('the event log and the health of the server answer as promised', async () => {
    await makeProject(api);
    assert.ok(promised('events.list', await api.get('/api/v1/events/list')).events.length > 0);
    promised('health.live', await api.get('/livez'));
    promised('health.ready', await api.get('/readyz'));
    promised('health.openapi', await api.get('/api/openapi.json'));
  });

  test('an environment that left the pipeline is stopped on request', async () => {
    const { name, path } = await makeProject(api);
    await api.post(`${path}/notify`);
    await release(path, 1);
    const text = pipelineFile(name).replace(/  - name: staging[^]*/, '');
    assert.equal((await api.post('/api/v1/projects', { text })).status, 200);
    const { environments } = promised('projects.status', await api.get(`${path}/status`));
    assert.deepEqual(
      environments.map((environment: Loose) => [environment.name, environment.retired]),
      [
        ['development', false],
        ['staging', true],
      ],
    );
    const asked = await api.post(`${path}/environments/staging/stop`, { reason: 'not needed' });
    assert.equal(promised('environments.stop', asked).environment, 'staging');
  });

  test('who people are and what they may do is told as promised', async () => {
    promised('access.matrix', await api.get('/api/v1/access/matrix'));
    assert.equal(promised('self.show', await api.get('/api/v1/me')).handle, tester);
    const made = await api.post('/api/v1/people', { handle: 'ada', name: 'Ada', emails: ['Ada@example.org'] });
    assert.deepEqual(promised('people.add', made).emails, ['ada@example.org']);
    for (const again of [
      { handle: 'ada', name: 'Ada', emails: [] },
      { handle: 'lovelace', name: 'Ada', emails: ['ada@example.org'] },
    ]) {
      const { status, body } = await api.post('/api/v1/people', again);
      assert.deepEqual([status, body.code], [409, 'person/exists']);
      assert.match(`${body.detail} ${body.hint}`, /already.*liftlock person show ada/);
    }
    const moved = await api.post('/api/v1/people/ada/email', { email: 'a@example.org' });
    assert.equal(promised('people.email', moved).emails.length, 2);
    const granted = promised('grants.add', await api.post('/api/v1/grants', { person: 'ada', role: 'qa' }));
    assert.deepEqual(promised('people.show', await api.get('/api/v1/people/ada')).rights, [
      { role: 'qa', project: null },
    ]);
    assert.ok(promised('people.list', await api.get('/api/v1/people')).people.length >= 2);
    const { code } = promised('people.link', await api.post('/api/v1/people/ada/link'));
    const { token: own } = promised('sign-in.redeem', await api.post('/api/v1/sign-in', { code }));
    const asAda = { authorization: `Bearer ${own}` };
    const created = await api.post('/api/v1/tokens', { name: 'ci', actions: ['project:read'], days: 1 }, asAda);
    const { id } = promised('tokens.create', created);
    assert.equal(promised('tokens.list', await api.get('/api/v1/tokens', asAda)).tokens.length, 2);
    promised('tokens.revoke', await api.post(`/api/v1/tokens/${id}/revoke`));
    await api.post('/api/v1/session', { code: (await api.post('/api/v1/people/ada/link')).body.code });
    const [session] = promised('self.sessions', await api.get('/api/v1/me/sessions', asAda)).sessions;
    assert.deepEqual(promised('sessions.list', await api.get('/api/v1/sessions?person=ada')).sessions, [session]);
    promised('sessions.end', await api.post(`/api/v1/sessions/${session.id}/end`));
    assert.ok(promised('grants.list', await api.get('/api/v1/grants?person=ada')).grants.length === 1);
    promised('grants.revoke', await api.post(`/api/v1/grants/${granted.id}/revoke`, { reason: 'left the team' }));
    const { path: home } = await makeProject(api);
    const claims = { repository_id: '1', workflow_ref: 'ci', event_name: 'push' };
    const vouched = { name: 'ci', issuer: 'https://ci.example', audience: 'us', claims };
    promised('machines.add', await api.post(`${home}/machines`, vouched));
    assert.equal(promised('machines.list', await api.get('/api/v1/machines')).machines.length, 1);
    promised('machines.disable', await api.post('/api/v1/machines/ci/disable'));
    promised('sign-in.ways', await api.get('/api/v1/sign-in/ways'));
    const { code: second } = (await api.post('/api/v1/people/ada/link')).body;
    promised('session.start', await api.post('/api/v1/session', { code: second }));
    promised('session.end', await api.post('/api/v1/session/end', {}, asAda));
    promised('people.disable', await api.post('/api/v1/people/ada/disable'));
    promised('people.enable', await api.post('/api/v1/people/ada/enable'));
  });

  test('webhooks are added, listed, used and removed', async () => {
    const { path } = await makeProject(api);
    const added = promised('webhooks.add', await api.post(`${path}/webhooks`, { provider: 'gitlab' }));
    assert.equal(promised('webhooks.list', await api.get(`${path}/webhooks`)).webhooks.length, 1);
    const delivered = await api.post(`${path}/hooks/gitlab`, {}, { 'x-gitlab-token': added.secret });
    assert.equal(promised('webhooks.receive', delivered).duplicate, false);
    promised('webhooks.remove', await api.post(`${path}/webhooks/remove`, { webhook: added.id }));
  });

  test('channels are added, listed, tried and removed; what was told is listed, shown and told again', async () => {
    const { name: project } = await makeProject(api);
    const channel = {
      name: 'ops',
      project,
      settings: { kind: 'webhook', url: 'https://receiver.example/in/{PLACE}', secret: 'SIGNING' },
      routes: [{ atLeast: 'page', kinds: ['production'] }],
    };
    promised('channels.add', await api.post('/api/v1/channels', channel));
    assert.equal(
      promised('channels.list', await api.get(`/api/v1/channels?project=${project}`)).channels[0].to,
      'https://receiver.example/…',
    );
    promised('channels.test', await api.post('/api/v1/channels/ops/test'));
    const id = await api.store.transaction(async (tx) =>
      insertDeadNotification(tx, (await tx.projects.byName(project))!.id),
    );
    promised('notifications.list', await api.get('/api/v1/notifications?state=dead'));
    promised('notifications.show', await api.get(`/api/v1/notifications/${id}`));
    promised('notifications.redeliver', await api.post(`/api/v1/notifications/${id}/redeliver`));
    promised('channels.remove', await api.post('/api/v1/channels/ops/remove'));
  });

  test('keys are added, listed and revoked; refs are explained; maintainers vouch for main', async () => {
    const { publicKey } = ownEd25519();
    const key = { owner: 'forge.example', platform: true, text: publicKey };
    const [added] = promised('signers.add', await api.post('/api/v1/signers', key)).signers;
    assert.equal(promised('signers.list', await api.get('/api/v1/signers')).signers[0].fingerprint, added.fingerprint);
    const at = `/api/v1/signers/${encodeURIComponent(added.fingerprint)}/revoke`;
    assert.deepEqual(promised('signers.revoke', await api.post(at, { reason: 'lost' })).stopped, []);
    assert.equal((await api.post('/api/v1/signers', key)).status, 409, 'a revoked key is never added again');
    const { path, repository } = await makeProject(api, { signatures: 'hosted' });
    await api.post(`${path}/notify`);
    await queued(path, 1);
    const commit = api.git.commit(repository, { 'index.html': '2' }, 'unsigned');
    await api.post(`${path}/notify`);
    await queued(path, 2);
    await api.work();
    const view = promised('trust.verify', await api.get(`${path}/verify?ref=main`));
    assert.deepEqual(
      view.classes.map((one: Loose) => one.accepted),
      [false, false, false],
    );
    assert.equal(
      promised('trust.accept', await api.post(`${path}/accept`, { commit, reason: 'seen' })).accepted,
      false,
    );
    const acknowledged = await api.post(`${path}/source/acknowledge`, { reason: 'it is ours' });
    assert.equal(promised('trust.acknowledge', acknowledged).commit, commit);
    const signing = promised('releases.signing', await api.get(`${path}/releases/2/signing?version=v1.0.0`));
    assert.match(signing.message, /\nProject-Id: prj_\w+\nArtifact: sha256:[0-9a-f]{64}\n$/);
  });

  test('the audit log answers as promised', async () => {
    const { origin, size } = promised('audit.show', await api.get('/api/v1/audit?fresh=yes'));
    assert.match(origin, /^liftlock\/[0-9a-f]{32}$/);
    const { entries } = promised('audit.entries', await api.get('/api/v1/audit/entries?limit=1000'));
    assert.equal(entries.length, size);
    assert.ok(promised('audit.checkpoints', await api.get('/api/v1/audit/checkpoints')).checkpoints.length > 0);
    const { id } = entries[0].event.shown;
    assert.equal(promised('audit.proof', await api.get(`/api/v1/audit/proofs/${id}`)).entry.index, 0);
    assert.equal((await api.get('/api/v1/audit/proofs/evt_nothing')).status, 404);
    const erasure = { person: 'nobody-left', alsoKnownAs: ['nobody@example.org'], reason: 'asked for it' };
    assert.equal(promised('audit.erase', await api.post('/api/v1/audit/erase', erasure)).erased, 0);
    assert.equal((await api.post('/api/v1/audit/erase', { ...erasure, person: 'tess' })).status, 409);
    const [project] = (await api.get('/api/v1/projects')).body.projects;
    const { bundle } = promised(
      'releases.export',
      await api.get(`/api/v1/projects/${project.name}/releases/latest/bundle`),
    );
    assert.match(bundle, /"format":"liftlock-bundle-v1"/);
  });

  test('problems are as promised, whatever the route', async () => {
    const validate = ajv.compile({ $ref: 'openapi#/components/schemas/Problem' });
    const refused = [
      await api.get('/api/v1/projects/nowhere/status'),
      await api.get('/nothing'),
      await api.get('/api/v1/projects', { authorization: '' }),
      await api.post('/api/v1/freezes', { reason: '', extra: true, until: 'tomorrow' }),
      await api.post('/livez'),
    ];
    assert.deepEqual(
      refused.map(({ status }) => status),
      [404, 404, 401, 400, 405],
    );
    for (const { body, headers } of refused) {
      assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
      const fits: boolean = validate(body);
      assert.ok(fits, `${JSON.stringify(body)}: ${ajv.errorsText(validate.errors)}`);
      assert.equal(body.request_id, headers.get('x-request-id'));
    }
  });

  test('what people say of a release before it may enter production, and the record of what changed it', async () => {
    const name = 'gated';
    const file = (gates: string) => `version: 1
project: ${name}
trust: { signatures: none }
environments:
  - { name: development, kind: development, trigger: { on: main }, verify: none, target: { kind: command, deploy: "true" } }
  - { name: production, kind: production, after: [development], trigger: { on: manual }, verify: none, gates: [${gates}], target: { kind: command, deploy: "true" } }
`;
    const source = api.git.init(name);
    api.git.commit(name, { 'index.html': '1' }, 'feat: first change');
    const gates = '{ gate: review, from: liftlock }, { gate: qa }, { gate: notes }, { gate: plan }';
    await api.post('/api/v1/projects', { text: file(gates), source });
    const path = `/api/v1/projects/${name}`;
    await api.post(`${path}/notify`);
    await release(path, 1);
    await api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await api.work();
    const production = `${path}/environments/production`;
    const { commits } = promised('reviews.show', await api.get(`${path}/releases/1/reviews`));
    const ids = commits.map(({ id }: Loose) => id);
    promised(
      'reviews.create',
      await api.post(`${path}/reviews`, { commits: ids, decision: 'approve', reason: 'fine' }),
    );
    const tried = { release: '1', reason: 'tried it' };
    promised('environments.sign-off', await api.post(`${path}/environments/development/sign-off`, tried));
    const finding = { finding: 'CVE-2026-1', reason: 'not reachable' };
    promised('suppressions.create', await api.post(`${path}/suppressions`, { ...finding, until: Date.now() + 60_000 }));
    promised('suppressions.list', await api.get(`${path}/suppressions`));
    promised('suppressions.lift', await api.post(`${path}/lift-suppression`, finding));
    promised('notes.write', await api.post(`${production}/notes`, { release: '1', body: 'Our words.' }));
    promised('notes.show', await api.get(`${production}/notes?release=1`));
    promised('notes.accept', await api.post(`${production}/accept-notes`, { release: '1' }));
    promised('plans.accept', await api.post(`${production}/accept-plan`, { release: '1' }));
    await api.work();
    await reach(path, 'production', 1);
    assert.equal(promised('changes.list', await api.get(`${path}/changes`)).changes.length, 1);
    assert.equal(promised('changes.show', await api.get(`${path}/changes/1`)).document.notes.body, 'Our words.');
    assert.match(promised('changes.export', await api.get(`${path}/changes/1/bundle`)).bundle, /"kind":"change"/);

    const weaker = file('{ gate: notes }');
    assert.notEqual(promised('projects.apply', await api.post('/api/v1/projects', { text: weaker })).proposed, null);
    const second = await makePerson(api, ['maintainer']);
    const { proposal } = promised('projects.proposal', await second.get(`${path}/proposal`));
    promised('projects.reject-pipeline', await second.post(`${path}/reject-pipeline`, { reason: 'not now' }));
    await api.post('/api/v1/projects', { text: weaker });
    const decision = { digest: proposal.digest, reason: 'all right' };
    promised('projects.approve-pipeline', await second.post(`${path}/approve-pipeline`, decision));
  });

  test('passkeys answer as promised, and a decision is begun and signed', async () => {
    const { path } = await makeProject(api, { approval: 'count: 2' });
    await api.post(`${path}/notify`);
    await release(path, 1);
    const who = await makePerson(api, ['release-manager']);
    const { code } = (await api.post(`/api/v1/people/${who.handle}/link`)).body;
    const origin = api.server.url;
    const session = await ask(api.server, '/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ code }),
      headers: { 'content-type': 'application/json', origin },
    });
    const cookie = session.headers.getSetCookie().map((each) => each.split(';')[0]);
    const browse = async (where: string, body: object = {}): Promise<Answer> => {
      const headers = { 'content-type': 'application/json', origin, cookie: cookie.join('; ') };
      const response = await fetch(`${origin}${where}`, { method: 'POST', body: JSON.stringify(body), headers });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    const key = createAuthenticator();
    const begun = promised('passkeys.begin', await browse('/api/v1/passkeys/begin'));
    const made = { challenge: begun.challenge, name: 'laptop', answer: key.create(begun.options, origin) };
    const { id } = promised('passkeys.enrol', await browse('/api/v1/passkeys', made));
    assert.equal(promised('passkeys.list', await who.get('/api/v1/passkeys')).passkeys[0].id, id);
    await api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await api.work();
    const production = `${path}/environments/production`;
    const asked = await browse(`${production}/begin-decision`, { release: '1', decision: 'approve', reason: 'fine' });
    const { challenge, options } = promised('environments.begin-decision', asked);
    const passkey = { challenge, answer: key.get(options, origin) };
    promised('environments.approve', await browse(`${production}/approve`, { release: '1', reason: 'fine', passkey }));
    promised('passkeys.remove', await who.post('/api/v1/passkeys/remove', { passkey: id }));
  });

  test('an emergency answers as promised, from the request to the look back', async () => {
    const { path } = await makeProject(api, { trust: 'breakGlass: two-person' });
    await api.post(`${path}/notify`);
    await release(path, 1);
    const production = `${path}/environments/production`;
    const second = await makePerson(api, ['release-manager']);
    const asked = promised(
      'break-glass.request',
      await api.post(`${production}/break-glass`, {
        release: '1',
        gates: ['approval'],
        reason: 'the shop is down',
        incident: 'https://incidents.example.org/7',
      }),
    );
    const confirmed = await second.post(`${production}/break-glass/confirm`, { breakGlass: asked.id });
    assert.equal(promised('break-glass.confirm', confirmed).confirmed.by, second.handle);
    await api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await api.work();
    const { breakGlasses } = promised('break-glass.list', await api.get(`${path}/break-glass`));
    assert.ok(breakGlasses[0].used !== null);
    const { followUps } = promised('follow-ups.list', await api.get(`${path}/follow-ups`));
    assert.equal(followUps[0].breakGlass, asked.id);
    const close = { followUp: followUps[0].id, conclusion: 'a second server' };
    promised('follow-ups.close', await api.post(`${path}/follow-ups/close`, close));
  });

  test('a release that takes over step by step, and what people do to it', async () => {
    const { name, path } = await makeProject(api);
    await api.post(`${path}/notify`);
    await release(path, 1);
    await api.store.transaction(async (tx) => {
      const project = (await tx.projects.byName(name))!;
      const production = (await tx.environments.ofProject(project.id)).find(({ spec }) => spec.name === 'production')!;
      const [made] = await tx.releases.newest(project.id, 1);
      const progress = runningProgress(1, 'switching');
      const promotion = makePromotion(production.id, made!.id, { progress });
      await tx.promotions.insert(promotion, project.id);
      const plan = planOf({ strategy: 'canary', steps: usualSteps, analysis: usualAnalysis, users: 'none', keep }, 1);
      const rollout = beginRollout(promotion.id, plan, instant(1));
      const waiting = { for: 'time', because: 'so', since: instant(1), until: undefined } as const;
      const never = instant(8_000_000_000_000);
      await tx.rollouts.insert({ environment: production.id, rollout, waiting, dueAt: never, startedAt: instant(1) });
      const counted = { all: { requests: 5, failures: 1, clientErrors: 2, latency: { counts: { 300: 4 } } } };
      const evidence = { errors: 2, slow: 1, slowest: 1, clientErrors: 1 };
      for (const at of [1_001, 2_001, 3_001]) {
        const look = { at: instant(at), span: { ofNew: counted, ofStable: counted }, weight: 500, step: 0, evidence };
        await tx.rollouts.recordLook(promotion.id, look);
      }
    });
    const rollout = `${path}/environments/production/rollout`;
    assert.equal(promised('rollouts.show', await api.get(rollout)).percent, 5);
    const series = promised('rollouts.series', await api.get(`${rollout}/series?points=2`));
    assert.deepEqual(
      series.points.map(({ from, at, percent, ofNew }: Loose) => [from, at, percent, ofNew.requests]),
      [
        [1, 2_001, 5, 10],
        [2_001, 3_001, 5, 5],
      ],
    );
    assert.equal(promised('rollouts.series', await api.get(`${rollout}/series?after=2001`)).points.length, 1);
    assert.equal(promised('rollouts.recompute', await api.get(`${rollout}/recomputed`)).inputs, 'complete');
    promised('rollouts.pause', await api.post(`${rollout}/pause`, { reason: 'to think' }));
    assert.equal(promised('rollouts.show', await api.get(rollout)).because, `paused by ${tester}: to think`);
    promised('rollouts.resume', await api.post(`${rollout}/resume`));
    assert.equal((await api.post(`${rollout}/resume`)).body.code, 'rollout/refused');
    promised('rollouts.skip', await api.post(`${rollout}/skip`));
    assert.equal(promised('rollouts.show', await api.get(rollout)).percent, 25);
    promised('rollouts.promote', await api.post(`${rollout}/promote`));
    assert.equal(promised('rollouts.show', await api.get(rollout)).percent, 100);
    assert.equal((await api.post(`${path}/environments/staging/rollout/pause`)).body.code, 'rollout/none');
  });

  test('every endpoint that answers JSON was held against the document', () => {
    const json = api.server.routes
      .filter(({ endpoint }) => endpoint.media === 'application/json')
      .map(({ endpoint }) => endpoint.name);
    // Takes an issuer with keys: see api-ci.test.ts.
    const elsewhere = ['sign-in.ci'];
    assert.deepEqual(
      json.filter((name) => !seen.has(name)),
      elsewhere,
    );
  });

  /** Waits for the repository to be looked at, then works until this release is wherever automation takes it. */
  async function release(path: string, number: number, commitTo?: string): Promise<void> {
    if (commitTo !== undefined) {
      api.git.commit(commitTo, { 'index.html': String(number) }, `change ${number}`);
      await api.post(`${path}/notify`);
    }
    await queued(path, number);
    await api.work();
    await reach(path, 'development', number);
  }

  async function queued(path: string, number = 1): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await api.get(`${path}/builds`)).body.builds.some((build: Loose) => build.number === number)) {
      assert.ok(Date.now() < deadline, 'the repository was not looked at');
    }
  }

  async function reach(path: string, environment: string, number: number): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const { environments } = (await api.get(`${path}/status`)).body;
      if (environments.find((each: Loose) => each.name === environment).running?.release.number === number) return;
      assert.ok(Date.now() < deadline, `release #${number} did not reach ${environment}`);
      await api.work();
    }
  }
});
