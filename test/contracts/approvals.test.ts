/** Who may approve what, over HTTP, with people, commits and a clock of our own. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createHash } from 'node:crypto';
import { instant } from '../../src/domain/base/time.ts';
import { sweep } from '../../src/engine/sweep.ts';
import {
  apiWorld,
  makePerson,
  makeProject,
  pipelineFile,
  type ApiWorld,
  type Loose,
  type TestPerson,
} from '../world/api-server.ts';
import { query, until } from '../world/make.ts';

const hour = 3_600_000;

describe('approvals', () => {
  let api: ApiWorld;
  let ada: TestPerson;
  let rita: TestPerson;
  let rob: TestPerson;
  let quin: TestPerson;
  let shift = 0;

  before(async () => {
    const clockOf = (real: ApiWorld['world']['clock']) => ({ ...real, now: () => instant(Date.now() + shift) });
    api = await apiWorld({ change: (world) => ({ ...world, clock: clockOf(world.clock) }) });
    // The commits of these repositories are hers.
    ada = await makePerson(api, ['developer', 'release-manager'], { handle: 'ada', emails: ['ada@example.org'] });
    rita = await makePerson(api, ['release-manager'], { handle: 'rita' });
    rob = await makePerson(api, ['release-manager'], { handle: 'rob' });
    quin = await makePerson(api, ['qa'], { handle: 'quin' });
  });
  after(() => api?.close());

  interface Shop {
    readonly path: string;
    readonly production: string;
    readonly repository: string;
  }

  /** Release 1 passed staging; production asks for two people unless told otherwise. */
  async function shop(approval = 'count: 2', trust = 'separation: two-person'): Promise<Shop> {
    const { path, repository } = await makeProject(api, { trust, approval });
    await api.post(`${path}/notify`);
    await built(path, 1);
    return { path, production: `${path}/environments/production`, repository };
  }
  /** The job of a build may be taken only when the build is committed. */
  async function built(path: string, number: number): Promise<void> {
    const isRequested = async () =>
      (await api.get(`${path}/builds`)).body.builds.some((one: Loose) => one.number === number);
    await until(isRequested, `build ${number} is requested`);
    await api.work();
  }

  const promote = (who: Pick<TestPerson, 'post'>, { path }: Shop, release = '1') =>
    who.post(`${path}/promotions`, { release, environment: 'production' });
  const approve = (who: TestPerson, { production }: Shop, more: object = {}) =>
    who.post(`${production}/approve`, { release: '1', ...more });
  const why = async ({ path }: Shop): Promise<Loose> =>
    (await api.get(`${path}/why?release=1&environment=production`)).body;
  const gate = (view: Loose, name = 'approval') => view.answers.find((answer: Loose) => answer.gate === name);
  const refused = (answer: { status: number; body: Loose }) => [answer.status, answer.body.code, answer.body.reason];

  async function waiting(approval?: string, trust?: string): Promise<Shop> {
    const made = await shop(approval, trust);
    assert.equal((await promote(rita, made)).status, 202);
    await api.work();
    return made;
  }

  test('R22: fifty approvals and promotions at once are one approval for each person and one deployment', async () => {
    const made = await shop();
    await promote(api, made);
    await api.work();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 3 === 0 ? promote(rita, made) : approve(index % 3 === 1 ? rob : quin, made),
      ),
    );
    await api.work();
    const approved = all.filter((answer, index) => index % 3 !== 0 && answer.status === 200);
    assert.equal(approved.length, 2);
    for (const [index, answer] of all.entries())
      if (index % 3 !== 0 && answer.status !== 200) assert.equal(answer.body.code, 'approval/refused');
    const rows = await query(
      api.database.url,
      `select p.state, p.outcome, (select count(*)::integer from deployments d where d.promotion_id = p.id) as deployments
      from promotions p join environments e on e.id = p.environment_id join projects j on j.id = p.project_id
      where e.name = 'production' and j.name = $1 and p.outcome is distinct from 'superseded'`,
      [made.repository],
    );
    assert.deepEqual(
      rows.filter(({ deployments }) => deployments > 0),
      [{ state: 'ended', outcome: 'succeeded', deployments: 1 }],
    );
    const given = await query(
      api.database.url,
      `select a.actor from approvals a join environments e on e.id = a.environment_id join projects j on j.id = e.project_id
      where j.name = $1 order by a.actor`,
      [made.repository],
    );
    assert.deepEqual(
      given.map(({ actor }) => actor),
      ['quin', 'rob'],
    );
  });

  test('R22: an author and the requester are refused, each with a reason; so is whoever lacks the role', async () => {
    const made = await waiting();
    const { could, unknownAuthors } = (await why(made)).approvers;
    assert.deepEqual(unknownAuthors, []);
    const able = could.map(({ handle }: Loose) => handle);
    assert.ok(able.includes('rob') && able.includes('quin') && !able.includes('ada') && !able.includes('rita'));
    assert.deepEqual(refused(await approve(ada, made)), [409, 'approval/refused', 'APPROVER_IS_AUTHOR']);
    assert.deepEqual(refused(await approve(rita, made)), [409, 'approval/refused', 'APPROVER_IS_REQUESTER']);
    const only = await waiting('count: 1, roles: [qa]');
    assert.deepEqual(refused(await approve(rob, only)), [409, 'approval/refused', 'APPROVER_LACKS_ROLE']);
    assert.equal((await approve(quin, only)).status, 200);
  });

  test('R22: whoever asks is told before that his own approval will not count, in the plan and in why', async () => {
    const made = await shop('count: 1, roles: [release-manager]');
    const read = async (who: TestPerson, what: 'plan' | 'why') =>
      (await who.get(`${made.path}/${what}?release=1&environment=production`)).body.approvers.you;
    const told = await read(rita, 'plan');
    assert.deepEqual([told.handle, told.may, told.short], ['rita', 'until-asked', 0]);
    assert.match(told.because, /^if you ask for it, your approval does not count/);
    assert.deepEqual(await read(rita, 'why'), told);
    assert.equal((await read(ada, 'plan')).may, 'no');
    assert.equal(await read(quin, 'plan'), null, 'whose role approves nothing here expects nothing');
    await promote(rita, made);
    await api.work();
    assert.equal((await read(rita, 'plan')).because, 'you cannot approve it: rita is who asked for it');
    assert.equal(await read(rob, 'plan'), null);
    assert.deepEqual((await why(made)).passable, [], 'break-glass is off');
  });

  test('R22: the hands in every commit since what runs there count, co-authors included', async () => {
    const made = await waiting('count: 1');
    assert.equal((await approve(rob, made)).status, 200);
    await api.work();
    assert.equal((await why(made)).standing, 'running');
    const pair = await makePerson(api, ['release-manager'], { emails: ['pair@example.org'] });
    api.git.commit(made.repository, { 'index.html': '2' }, 'two\n\nCo-authored-by: Pair <PAIR@example.org>');
    api.git.commit(made.repository, { 'index.html': '3' }, 'three');
    await api.post(`${made.path}/notify`);
    await built(made.path, 2);
    await promote(rita, made, '2');
    await api.work();
    const answer = await approve(pair, made, { release: '2' });
    assert.deepEqual(refused(answer), [409, 'approval/refused', 'APPROVER_IS_CO_AUTHOR']);
    assert.equal((await approve(rob, made, { release: '2' })).status, 200);
  });

  test('R22: an approval counts no more when the person loses the role before it starts', async () => {
    const made = await waiting();
    const temp = await makePerson(api, ['release-manager']);
    assert.equal((await approve(temp, made)).status, 200);
    assert.match(gate(await why(made)).because, /^1 of 2 approvals/);
    const { grants } = (await api.get(`/api/v1/grants?person=${temp.handle}`)).body;
    assert.equal((await api.post(`/api/v1/grants/${grants[0].id}/revoke`, { reason: 'left' })).status, 200);
    assert.match(gate(await why(made)).because, /^0 of 2 approvals .*APPROVER_LACKS_ROLE/);
    assert.equal((await approve(rob, made)).status, 200);
    assert.equal((await why(made)).standing, 'waiting');
    assert.equal((await approve(quin, made)).status, 200);
    await api.work();
    assert.equal((await why(made)).standing, 'running');
  });

  test('R5, R22: nor when that happens after the start and before the deployment', async () => {
    const made = await waiting('count: 1');
    const temp = await makePerson(api, ['release-manager']);
    assert.equal((await approve(temp, made)).status, 200);
    const [started] = (await api.get(`${made.path}/promotions?environment=production`)).body.promotions;
    assert.equal(started.state, 'running');
    assert.equal((await api.post(`/api/v1/people/${temp.handle}/disable`)).status, 200);
    await api.work();
    const [promotion] = (await api.get(`${made.path}/promotions?environment=production`)).body.promotions;
    assert.equal(promotion.outcome, 'refused');
    assert.match(promotion.reason, /APPROVER_DISABLED/);
  });

  test('R21: a pipeline that is applied meanwhile voids what was approved, and a page that showed the old plan is stale', async () => {
    const made = await waiting();
    const seen = (await api.get(`${made.path}/plan?release=1&environment=production`)).body.planHash;
    assert.equal((await approve(rob, made, { planHash: seen })).status, 200);
    const text = pipelineFile(made.repository, { trust: 'separation: two-person', approval: 'count: 2, timeout: 9h' });
    assert.equal((await api.post('/api/v1/projects', { text })).status, 200);
    assert.match(gate(await why(made)).because, /^0 of 2 approvals .*rob was for another plan and is void/);
    assert.deepEqual(refused(await approve(quin, made, { planHash: seen })).slice(0, 2), [409, 'approval/stale']);
    assert.equal((await approve(rob, made)).status, 200);
  });

  test('R21: what was approved is kept word for word, and names every hash', async () => {
    const made = await waiting();
    const { statement, planHash } = (await approve(rob, made, { reason: 'looks right' })).body;
    const said = JSON.parse(statement);
    assert.deepEqual([said.person, said.decision, said.plan, said.reason], ['rob', 'approve', planHash, 'looks right']);
    for (const hash of [said.gates, said.policy, said.release.artifact]) assert.match(hash, /^sha256:[0-9a-f]{64}$/);
    const { events } = (await api.get(`/api/v1/events/list?project=${made.repository}&cursor=beginning`)).body;
    const event = events.find(({ kind }: Loose) => kind === 'promotion.approved');
    assert.equal(event.data.statement, `sha256:${createHash('sha256').update(statement).digest('hex')}`);
  });

  test('R23: one takes back only what one gave; a rejection is final for the plan', async () => {
    const made = await waiting();
    const withdraw = (who: TestPerson) =>
      who.post(`${made.production}/withdraw-approval`, { release: '1', reason: 'hm' });
    assert.equal((await approve(rob, made)).status, 200);
    assert.equal((await withdraw(quin)).body.reason, 'NOT_APPROVED');
    assert.equal((await withdraw(rob)).status, 200);
    assert.match(gate(await why(made)).because, /^0 of 2/);
    assert.equal((await rob.post(`${made.production}/reject`, { release: '1', reason: 'no' })).status, 200);
    const { last } = await why(made);
    assert.deepEqual([last.outcome, last.reason], ['refused', 'rob rejected it: no']);
    await promote(rita, made);
    assert.equal((await why(made)).last.outcome, 'refused');
  });

  test('R23: time that runs out is a rejection by the system, counted from when people were asked', async () => {
    const made = await waiting('count: 2, timeout: 2h');
    await approve(rob, made);
    const asked = gate(await why(made)).askAgainAt;
    shift += 2 * hour - 60_000;
    await sweep(api.world);
    assert.equal((await why(made)).standing, 'waiting');
    shift += 60_000 + (asked - api.world.clock.now() > 60_000 ? asked - api.world.clock.now() : 0);
    await sweep(api.world);
    const { last } = await why(made);
    assert.equal(last.outcome, 'refused');
    assert.match(last.reason, /^system:timeout rejected it: not enough approvals within 2h of asking$/);
  });

  test('R25: break-glass is off unless the pipeline allows it, and needs a second person', async () => {
    const request = { release: '1', gates: ['approval'], reason: 'down', incident: 'https://example.org/1' };
    const off = await waiting();
    assert.equal((await rita.post(`${off.production}/break-glass`, request)).body.reason, 'BREAK_GLASS_OFF');
    const made = await waiting('count: 2', 'breakGlass: two-person');
    const ask = (more: object) => rita.post(`${made.production}/break-glass`, { ...request, ...more });
    assert.equal((await ask({ gates: ['veto'] })).body.reason, 'BREAK_GLASS_GATES');
    assert.equal((await ask({ gates: ['merged', 'approval'] })).body.reason, 'BREAK_GLASS_GATES');
    const asked = await ask({});
    assert.equal(asked.status, 200, JSON.stringify(asked.body));
    const confirm = (who: TestPerson) =>
      who.post(`${made.production}/break-glass/confirm`, { breakGlass: asked.body.id });
    assert.equal((await confirm(rita)).body.reason, 'BREAK_GLASS_OWN');
    assert.equal((await confirm(quin)).status, 403);
    assert.deepEqual((await why(made)).passable, ['approval']);
    assert.equal((await why(made)).standing, 'waiting');
    assert.equal((await confirm(rob)).status, 200);
    await api.work();
    const then = await why(made);
    assert.equal(then.standing, 'running');
    const passed = then.last.answers.find((answer: Loose) => answer.gate === 'approval');
    assert.match(passed.because, /^passed by break-glass bgl_\w+ of rita, confirmed by rob: down .*without it: 0 of 2/);
    assert.equal((await confirm(rob)).body.reason, 'BREAK_GLASS_CONFIRMED');
  });

  test('R25: a look back that is overdue keeps production shut for what is no emergency, until it is closed', async () => {
    const made = await waiting('count: 1', 'breakGlass: two-person');
    const request = { release: '1', gates: ['approval'], reason: 'down', incident: 'https://example.org/1' };
    const { id } = (await rita.post(`${made.production}/break-glass`, request)).body;
    await rob.post(`${made.production}/break-glass/confirm`, { breakGlass: id });
    await api.work();
    const [followUp] = (await api.get(`${made.path}/follow-ups`)).body.followUps;
    await query(api.database.url, 'update follow_ups set due_at = 1 where id = $1', [followUp.id]);
    await promote(rita, made);
    await api.work();
    assert.match(gate(await why(made), 'follow-up').because, /nobody has looked back/);
    assert.equal(
      (await rob.post(`${made.path}/follow-ups/close`, { followUp: followUp.id, conclusion: 'x' })).status,
      200,
    );
    assert.equal(gate(await why(made), 'follow-up'), undefined);
  });
});
