/** Every route, asked by every role, in every kind of environment: what happens is what the matrix says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Route } from '../../../src/api/route.ts';
import { environmentKinds, type EnvironmentKind } from '../../../src/domain/pipeline/environment.ts';
import { roles, type Role } from '../../../src/domain/access/role.ts';
import type { EnvironmentId, ProjectId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { MatrixView } from '../../../src/api/contract/access.ts';
import type { Transaction } from '../../../src/ports/store.ts';
import { apiWorld, makePerson, tester, type ApiWorld, type Loose, type TestPerson } from '../../world/api-server.ts';
import { newId } from '../../world/make.ts';
import { insertDeadNotification, insertRelease, makeChannel, makePromotion, occupy } from '../../make/records.ts';
import { sampleRequest, type Samples } from '../../make/route-samples.ts';

interface Shop {
  readonly name: string;
  readonly text: string;
  readonly id: ProjectId;
  readonly release: ReleaseId;
  readonly environments: Readonly<Record<EnvironmentKind, EnvironmentId>>;
}

interface Said {
  readonly status: number;
  readonly body: Loose;
}

describe('the matrix of the API', () => {
  let api: ApiWorld;
  let shop: Shop;
  let matrix: MatrixView;

  before(async () => {
    api = await apiWorld();
    shop = await makeShop('shop');
    matrix = (await api.get('/api/v1/access/matrix')).body;
  });
  after(() => api?.close());

  /** One environment of each kind, called by its kind, and a release that was built. */
  async function makeShop(name: string): Promise<Shop> {
    const source = api.git.init(name);
    api.git.commit(name, { 'index.html': '1' }, 'first change');
    const environments = environmentKinds.map(
      (kind) =>
        `  - { name: ${kind}, kind: ${kind}, after: [], trigger: { on: manual }, verify: { commands: [{ name: check, run: "true" }] }, gates: [], target: { kind: command, deploy: "true" } }`,
    );
    const text = `version: 1\nproject: ${name}\ntrust: { signatures: none }\nenvironments:\n${environments.join('\n')}\n`;
    const applied = await api.post('/api/v1/projects', { text, source });
    assert.equal(applied.status, 200, JSON.stringify(applied.body));
    return api.store.transaction(async (tx) => {
      const { id } = (await tx.projects.byName(name))!;
      const { id: release } = await insertRelease(tx, id);
      const all = await tx.environments.ofProject(id);
      for (const one of all) await occupy(tx, id, { environment: one.id, release });
      const byKind = Object.fromEntries(all.map((one) => [one.spec.kind, one.id])) as Shop['environments'];
      return { name, text, id, release, environments: byKind };
    });
  }

  /** What the request names, made afresh: whoever is allowed uses it up. */
  async function samplesIn(place: Shop, kind: EnvironmentKind, { endpoint }: Route): Promise<Samples> {
    const { name: project, text, environments } = place;
    const named = Object.entries(makers).filter(([parameter]) => endpoint.path.includes(`{${parameter}}`));
    const made: Record<string, string> = {};
    await api.store.transaction(async (tx) => {
      for (const [parameter, make] of named) made[parameter] = await make(tx, place, environments[kind]);
    });
    return { project, environment: kind, text, ...made };
  }

  type Make = (tx: Transaction, place: Shop, environment: EnvironmentId) => Promise<string>;

  /** By the parameter of the address. */
  const makers: Readonly<Record<string, Make>> = {
    async promotion(tx, { id, release }, environment) {
      const promotion = makePromotion(environment, release);
      await tx.promotions.insert(promotion, id);
      return promotion.id;
    },
    async freeze(tx, { id: project }, environment) {
      const id = newId('frz');
      const said = { by: 'test', reason: 'because', from: instant(1), until: undefined, exempt: [] };
      await tx.freezes.insert({ id, project, environment, ...said });
      return id;
    },
    async grant(tx, { id: project }) {
      const id = newId('grt');
      const person = (await tx.people.byHandle(tester))!.id;
      const given = { role: 'viewer' as const, project, from: instant(1), until: instant(2), grantedBy: 'test' };
      await tx.grants.insert({ id, person, ...given, reason: undefined, revokedAt: undefined });
      return id;
    },
    async machine(tx, { id: project }) {
      const name = `m-${newId('mch').slice(-12)}`;
      const made = { claims: {}, createdAt: instant(1), createdBy: 'test', disabledAt: undefined };
      const known = { issuer: 'https://ci.example', audience: 'liftlock' };
      await tx.machines.insert({ id: newId('mch'), handle: `machine:${name}`, project, ...known, ...made });
      return name;
    },
    async channel(tx, { id: project }) {
      const channel = makeChannel({ project });
      await tx.channels.insert(channel);
      return channel.name;
    },
    async notification(tx, { id: project }) {
      return insertDeadNotification(tx, project);
    },
    async verification(tx, { release }, environment) {
      // Only one may wait in an environment: it is used again.
      const id = verifications.get(environment) ?? newId('vrq');
      verifications.set(environment, id);
      await tx.verificationRequests.insert({ id, environment, release, by: 'test', at: instant(1), state: 'waiting' });
      return id;
    },
  };

  const verifications = new Map<EnvironmentId, string>();

  async function ask(route: Route, who: TestPerson | undefined, samples: Samples): Promise<Said> {
    const { method, path, body } = sampleRequest(route.endpoint, samples);
    const leave = new AbortController();
    // As if through a proxy: callers on this machine may read figures unknown.
    const headers = { 'x-forwarded-for': '203.0.113.9', ...(who && { authorization: `Bearer ${who.token}` }) };
    const response = await fetch(`${api.server.url}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      signal: leave.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const text = streams ? '' : await response.text();
    leave.abort();
    return { status: response.status, body: /^\s*\{/.test(text) ? JSON.parse(text) : text };
  }

  const judged = (): readonly Route[] => api.server.routes.filter(({ endpoint }) => endpoint.permission !== 'public');
  const ruleOf = (route: Route) => matrix.rules.find(({ action }) => action === route.endpoint.permission)!;
  const nameOf = ({ endpoint }: Route) => `${endpoint.method} ${endpoint.path}`;

  test('the table that is shown names every route but the public ones, and no action without a route', () => {
    const shown = matrix.rules.flatMap((rule) => rule.routes);
    assert.deepEqual(shown.toSorted(), judged().map(nameOf).toSorted());
    assert.deepEqual(
      matrix.rules.filter((rule) => rule.routes.length === 0).map(({ action }) => action),
      [],
    );
  });

  test('nobody who is not known is let in, whatever he asks', async () => {
    for (const route of judged()) {
      const { status, body } = await ask(route, undefined, await samplesIn(shop, 'development', route));
      assert.deepEqual([status, body.reason], [401, 'NOT_SIGNED_IN'], nameOf(route));
    }
  });

  test('every cell: each role does what the matrix allows it, and is refused everything else', async (t) => {
    const wrong: string[] = [];
    let cells = 0;
    for (const role of roles) {
      const person = await makePerson(api, [role]);
      // It ends what the others ask with.
      const isLast = ({ route }: { route: Route }) => route.endpoint.name === 'session.end';
      const open = places().filter((cell) => !isLast(cell));
      const takeTurns = async (): Promise<void> => {
        for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
          const { route, kind } = cell;
          const said = await ask(route, person, await samplesIn(shop, kind, route));
          const fault = faultOf(route, { role, kind }, said);
          if (fault !== undefined) wrong.push(fault);
          cells++;
        }
      };
      await Promise.all(Array.from({ length: 8 }, takeTurns));
      open.push(...places().filter(isLast));
      await takeTurns();
    }
    t.diagnostic(`${cells} cells were tried`);
    assert.ok(cells > 1_000);
    assert.deepEqual(wrong, []);
  });

  /** Where kinds do not matter, one stands for all. */
  const places = () =>
    judged().flatMap((route) =>
      (ruleOf(route).scope === 'environment' ? environmentKinds : (['development'] as const)).map((kind) => ({
        route,
        kind,
      })),
    );

  function faultOf(
    route: Route,
    { role, kind }: { role: Role; kind: EnvironmentKind },
    said: Said,
  ): string | undefined {
    const { scope, allows } = ruleOf(route);
    const refusal = allows[role] === undefined ? 'NOT_FOR_THIS_ROLE' : 'NOT_FOR_THIS_KIND';
    const expected = scope === 'self' || allows[role]?.includes(kind) === true ? 'allowed' : `403 ${refusal}`;
    const actual = isAllowed(said) ? 'allowed' : `${said.status} ${said.body.reason}`;
    return actual === expected
      ? undefined
      : `${role} ${nameOf(route)} in ${kind}: expected ${expected}, got ${actual} ${JSON.stringify(said.body)}`;
  }

  /** Understood, and not refused for who asks: what came of it is another matter. */
  function isAllowed({ status, body }: Said): boolean {
    const notUnderstood = status === 400 && body.problems !== undefined;
    return status < 300 || ([400, 404, 409, 422, 502].includes(status) && !notUnderstood);
  }

  test('a role on one project opens nothing that is about the whole installation', async () => {
    const everything = await makePerson(api, [...roles], { project: shop.name });
    for (const route of judged().filter((one) => ruleOf(one).scope === 'installation')) {
      const { status, body } = await ask(route, everything, await samplesIn(shop, 'development', route));
      assert.deepEqual([status, body.reason], [403, 'NO_ROLE_ON_EVERY_PROJECT'], nameOf(route));
    }
    const grant = { person: tester, role: 'admin' };
    assert.equal((await everything.post('/api/v1/grants', grant)).body.reason, 'NO_ROLE_ON_EVERY_PROJECT');
  });

  test('for whoever has no role on a project it does not exist: the same answers as for a name that nobody used', async () => {
    const bank = await makeShop('bank');
    const stranger = await makePerson(api, [...roles], { project: bank.name });
    const never = 'nowhere';
    let compared = 0;
    for (const route of judged().filter((one) => ['project', 'environment'].includes(ruleOf(one).scope))) {
      const real = await ask(route, stranger, await samplesIn(shop, 'production', route));
      const text = JSON.stringify(real.body);
      if (real.status === 200) {
        assert.doesNotMatch(text, /"shop"/, nameOf(route));
        assert.equal(route.endpoint.method, 'GET', `${nameOf(route)} did something in a project that is not his`);
        continue;
      }
      const absent = {
        ...(await samplesIn(shop, 'production', route)),
        project: never,
        text: shop.text.replace('shop', never),
      };
      // These exist nowhere.
      const ids = {
        machine: 'm-nobodys',
        promotion: newId('prm'),
        freeze: newId('frz'),
        verification: newId('vrq'),
        grant: newId('grt'),
        channel: 'channel-0',
        notification: newId('ntf'),
      };
      const imagined = await ask(route, stranger, { ...absent, ...ids });
      assert.deepEqual(leveled(real), leveled(imagined), nameOf(route));
      assert.ok([403, 404].includes(real.status), `${nameOf(route)} ${text}`);
      compared++;
    }
    assert.ok(compared > 20);
  });

  /** What was named, and the number of the request, may differ. */
  function leveled({ status, body }: Said): unknown {
    const text = JSON.stringify({ ...body, request_id: '' });
    return [
      status,
      text
        .replaceAll(/\b(shop|nowhere)\b/g, 'NAME')
        .replaceAll(/\b(prm|frz|vrq|grt|ntf)_[0-9a-z]{26}|m-[0-9a-z]+|channel-\d+/g, 'ID'),
    ];
  }

  test('a person without any role sees nothing, and is told to ask for one', async () => {
    const nobody = await makePerson(api, []);
    for (const path of ['/api/v1/projects', '/api/v1/events/list', '/api/v1/freezes', '/api/v1/grants']) {
      const { status, body } = await nobody.get(path);
      assert.deepEqual([status, body.reason], [403, 'NO_ROLE_ON_PROJECT'], path);
    }
    assert.deepEqual((await nobody.get('/api/v1/me')).body.rights, []);
  });

  test('lists hold what of each project the caller may see', async () => {
    const dock = await makeShop('dock');
    const viewer = await makePerson(api, ['viewer'], { project: dock.name });
    await api.post('/api/v1/freezes', { project: 'dock', reason: 'of dock' });
    await api.post('/api/v1/freezes', { project: 'shop', reason: 'of shop' });
    const { projects } = (await viewer.get('/api/v1/projects')).body;
    assert.deepEqual(
      projects.map(({ name }: Loose) => name),
      ['dock'],
    );
    const { freezes } = (await viewer.get('/api/v1/freezes')).body;
    assert.deepEqual([...new Set(freezes.map(({ project }: Loose) => project))], ['dock']);
    const { events } = (await viewer.get('/api/v1/events/list?cursor=beginning')).body;
    assert.deepEqual([...new Set(events.map(({ project }: Loose) => project))], ['dock']);
    assert.equal((await viewer.get('/api/v1/projects/_/status')).body.project, 'dock');
    const { id, release, environments } = shop;
    const byPromotion = makePromotion(environments.staging, release).id;
    await api.store.transaction(async (tx) => {
      const subject = { project: id, promotion: byPromotion, data: {} };
      await tx.events.append({ kind: 'promotion.requested', actor: 'test', at: instant(1), ...subject });
    });
    assert.deepEqual((await viewer.get(`/api/v1/events/list?promotion=${byPromotion}`)).body.events, []);
  });
});
