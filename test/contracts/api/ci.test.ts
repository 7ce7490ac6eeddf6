/** CI jobs sign in with identity tokens whose issuer publishes real keys on a real server. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { createCiIdentities } from '../../../src/adapters/oidc/ci-identities.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { ApiServer } from '../../../src/api/server.ts';
import { apiWorld, ask, makeProject, pipelineFile, type Answer, type ApiWorld } from '../../world/api-server.ts';

describe('identity tokens of CI jobs', () => {
  let api: ApiWorld;
  let issuer: string;
  let issuing: Server;
  let server: ApiServer;
  let project: { name: string; path: string };
  const asked: string[] = [];
  const audience = 'https://liftlock.example.org';
  const claims = { repository_id: '4711', workflow_ref: 'shop/ci.yml@refs/heads/main', event_name: 'push' };
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let count = 0;

  before(async () => {
    keys = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    issuing = createServer((request, response) => {
      asked.push(request.url!);
      const documents: Record<string, object> = {
        '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
        '/keys': { keys: [jwk] },
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documents[request.url!] ?? {}));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => issuing.once('listening', resolve));
    const host = `127.0.0.1:${(issuing.address() as AddressInfo).port}`;
    issuer = `http://${host}`;
    api = await apiWorld();
    server = await api.another({ ciIdentities: createCiIdentities(createOutgoing({ allowHosts: [host] })) });
    project = await makeProject(api);
    const added = await add('shop-ci', claims);
    assert.equal(added.status, 200, JSON.stringify(added.body));
  });
  after(async () => {
    issuing?.closeAllConnections();
    issuing?.close();
    await api?.close();
  });

  const add = (name: string, wanted: object): Promise<Answer> =>
    api.post(`${project.path}/machines`, { name, issuer, audience, claims: wanted });

  /** As GitHub makes them: for a few minutes, with an id of their own. */
  function identity(changes: Record<string, unknown> = {}, header: object = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = {
      iss: issuer,
      aud: audience,
      sub: 'repo:shop',
      iat: now,
      nbf: now - 5,
      exp: now + 300,
      jti: `jti-${++count}`,
    };
    return new SignJWT({ ...usual, ...claims, repository: 'ann/shop', ...changes } as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
      .sign(keys.privateKey);
  }

  const exchange = (token: string): Promise<Answer> =>
    ask(server, '/api/v1/sign-in/ci', {
      method: 'POST',
      body: JSON.stringify({ token }),
      headers: { 'content-type': 'application/json', authorization: '' },
    });
  const reasonFor = async (token: string) => (await exchange(token)).body.reason;

  test('a job of the pinned repository, workflow and event gets a token for a quarter of an hour, once', async () => {
    const token = await identity();
    const { status, body } = await exchange(token);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.handle, 'machine:shop-ci');
    const minutes = (body.expiresAt - Date.now()) / 60_000;
    assert.ok(minutes > 14 && minutes <= 15);
    assert.equal(await reasonFor(token), 'CI_TOKEN_USED');
    const again = await identity();
    const racing = await Promise.all(Array.from({ length: 5 }, () => exchange(again)));
    assert.equal(racing.filter((answer) => answer.status === 200).length, 1);
  });

  test('it may start promotions to development of its project and look, and nothing else', async () => {
    const other = await makeProject(api);
    const own = (await exchange(await identity())).body.token;
    const headers = { authorization: `Bearer ${own}` };
    const promote = (environment: string) =>
      api.post(`${project.path}/promotions`, { release: 'latest', environment }, headers);
    assert.deepEqual((await api.get('/api/v1/me', headers)).body.via, 'ci');
    assert.notEqual((await promote('development')).status, 403);
    for (const environment of ['staging', 'production']) {
      const { status, body } = await promote(environment);
      assert.deepEqual([status, body.reason], [403, 'NOT_FOR_THIS_KIND'], environment);
    }
    assert.equal((await api.get(`${other.path}/status`, headers)).body.code, 'project/unknown');
    const refused = [
      await api.post(`${project.path}/environments/development/hold`, { reason: 'so' }, headers),
      await api.post(`${project.path}/environments/production/approve`, { release: '1' }, headers),
      await api.post('/api/v1/projects', { text: pipelineFile(project.name) }, headers),
      await api.post('/api/v1/grants', { person: 'tess', role: 'viewer', project: project.name }, headers),
      await api.get('/api/v1/events/list', headers),
    ];
    for (const { status, body } of refused) assert.deepEqual([status, body.reason], [403, 'NOT_FOR_THIS_ROLE']);
    const token = await api.post('/api/v1/tokens', { name: 'more' }, headers);
    assert.deepEqual([token.status, token.body.reason], [403, 'OUTSIDE_TOKEN']);
  });

  test('any claim that differs keeps it out', async () => {
    const other = [
      { repository_id: '4712' },
      { repository_id: '4712', repository: 'ann/shop' },
      { workflow_ref: 'shop/other.yml@refs/heads/main' },
      { event_name: 'pull_request_target' },
      { repository_id: ['4711'] },
    ];
    for (const changes of other)
      assert.equal(await reasonFor(await identity(changes)), 'CI_CLAIMS_DIFFER', JSON.stringify(changes));
  });

  test('a token that is forged, old, not yet good, for somebody else or without an id is refused', async () => {
    const now = Math.floor(Date.now() / 1000);
    const stranger = await generateKeyPair('RS256');
    const forged = await new SignJWT({ iss: issuer, aud: audience, iat: now, exp: now + 300, jti: 'forged', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(stranger.privateKey);
    const [head, body] = (await identity()).split('.');
    const unsigned = `${Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')}.${body}.`;
    const shared = await new SignJWT({ iss: issuer, aud: audience, iat: now, exp: now + 300, jti: 'hs', ...claims })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey))));
    const wrong = [
      forged,
      unsigned,
      shared,
      `${head}.${body}.`,
      await identity({ exp: now - 60 }),
      await identity({ iat: now - 7_200, exp: now + 300 }),
      await identity({ nbf: now + 300 }),
      await identity({ aud: 'https://elsewhere.example.org' }),
      await identity({ jti: undefined }),
      await identity({ exp: undefined }),
      await identity({}, { kid: 'two' }),
    ];
    for (const token of wrong) assert.equal(await reasonFor(token), 'CI_TOKEN_INVALID', token);
  });

  test('only issuers that somebody named are asked for keys', async () => {
    const { length } = asked;
    assert.equal(await reasonFor(await identity({ iss: `${issuer}/other` })), 'CI_ISSUER_UNKNOWN');
    assert.equal(await reasonFor('not.a.token'), 'CI_ISSUER_UNKNOWN');
    assert.equal(asked.length, length);
    const closed = await ask(api.server, '/api/v1/sign-in/ci', {
      method: 'POST',
      body: JSON.stringify({ token: await identity() }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(closed.body.code, 'outgoing/refused', 'nor inside this network, unless the operator allows it');
  });

  test('a machine must be pinned to one repository by its id, one workflow and one event', async () => {
    const { repository_id: repository, workflow_ref: workflow, event_name: event } = claims;
    const open = [
      {},
      { repository: 'ann/shop', workflow_ref: workflow, event_name: event },
      { repository_id: repository, event_name: event },
      { repository_id: repository, workflow_ref: workflow },
    ];
    for (const wanted of open) assert.equal((await add('open', wanted)).body.code, 'input/invalid');
    const gitlab = {
      project_id: '9',
      ci_config_ref_uri: 'gitlab.example/a//.gitlab-ci.yml@refs/heads/main',
      pipeline_source: 'push',
    };
    assert.equal((await add('gitlab', gitlab)).status, 200);
    assert.equal(
      (
        await exchange(
          await identity({
            project_id: 9,
            ci_config_ref_uri: gitlab.ci_config_ref_uri,
            pipeline_source: 'push',
            repository_id: 'x',
          }),
        )
      ).body.handle,
      'machine:gitlab',
    );
    assert.equal((await add('gitlab', gitlab)).body.code, 'person/exists');
  });

  test('a machine that is disabled is out at once, with its tokens', async () => {
    const own = (await exchange(await identity())).body.token;
    const look = async () => (await api.get('/api/v1/me', { authorization: `Bearer ${own}` })).status;
    assert.equal(await look(), 200);
    const disabled = await api.post('/api/v1/machines/shop-ci/disable');
    assert.ok(disabled.body.disabledAt > 0);
    assert.equal(await look(), 401);
    assert.equal(await reasonFor(await identity()), 'CI_CLAIMS_DIFFER');
    const { machines } = (await api.get('/api/v1/machines')).body;
    assert.deepEqual(
      machines.map(({ name }: { name: string }) => name),
      ['gitlab', 'shop-ci'],
    );
  });
});
