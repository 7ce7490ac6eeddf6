/** Gates for proof of work, over the API: what keeps a release out of production, and what each person does to let it in. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createForge } from '../../../src/adapters/forge/forge.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { parseKey, parseNote, signNote } from '../../../src/domain/audit/note.ts';
import { askOutside } from '../../../src/engine/gate/checks.ts';
import { observe } from '../../../src/engine/trigger/observe.ts';
import { sweep } from '../../../src/engine/sweep.ts';
import type { World } from '../../../src/engine/world.ts';
import {
  apiWorld,
  makePerson,
  type Answer,
  type ApiWorld,
  type Loose,
  type TestPerson,
} from '../../world/api-server.ts';
import { hashBytes } from '../../make/audit.ts';

describe('gates for proof of work', () => {
  let api: ApiWorld;
  let webhook: {
    readonly url: string;
    readonly host: string;
    close(): void;
    readonly asked: Asked[];
    readonly answers: Map<string, unknown>;
    reply: Reply;
  };
  let people: Readonly<Record<'dev' | 'mia' | 'quinn' | 'rex', TestPerson>>;
  let secrets: Map<string, string>;

  before(async () => {
    webhook = await startWebhook();
    secrets = new Map();
    const outgoing = createOutgoing({ allowHosts: [webhook.host] });
    api = await apiWorld({
      change: (world: World): World => ({
        ...world,
        outgoing,
        forge: createForge({ outgoing }),
        secrets: { read: async (_, name) => secrets.get(name) },
      }),
    });
    people = {
      dev: await makePerson(api, ['developer'], { handle: 'dev', emails: ['ada@example.org'] }),
      mia: await makePerson(api, ['maintainer'], { handle: 'mia' }),
      quinn: await makePerson(api, ['qa'], { handle: 'quinn' }),
      rex: await makePerson(api, ['release-manager'], { handle: 'rex' }),
    };
  });
  after(async () => {
    await api?.close();
    webhook?.close();
  });

  const done = (answer: Answer): Loose => {
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body;
  };

  /** Until nothing is due and no job waits. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      await sweep(api.world);
      await api.work();
    }
  }

  let made = 0;
  /** A commit on main that is built and runs in development. */
  async function makeShop(gates: string, changes: { separation?: 'two-person' | 'none'; source?: string } = {}) {
    const name = `gated-${++made}`;
    const text = `version: 1
project: ${name}
source: ${changes.source ?? '{}'}
trust: { signatures: none, separation: ${changes.separation ?? 'none'} }
environments:
  - name: testing
    kind: testing
    trigger: { on: main }
    verify: { commands: [{ name: unit, run: "true" }] }
    target: { kind: command, deploy: "true" }
  - name: production
    kind: production
    after: [testing]
    trigger: { on: manual }
    verify: none
    gates: ${gates}
    target: { kind: command, deploy: "true" }
`;
    const source = api.git.init(name);
    api.git.commit(name, { 'index.html': '1' }, 'feat: first change');
    done(await api.post('/api/v1/projects', { text, source }));
    const path = `/api/v1/projects/${name}`;
    const { id } = done(await api.get('/api/v1/projects')).projects.find((project: Loose) => project.name === name);
    await observe(api.world, id);
    await settle();
    assert.notEqual(done(await api.get(`${path}/status`)).newest, null);
    return { name, path, text, production: `${path}/environments/production` };
  }

  const why = async (path: string): Promise<Record<string, Loose>> => {
    const { answers } = done(await api.get(`${path}/why?release=latest&environment=production`));
    return Object.fromEntries(answers.map((answer: Loose) => [answer.gate, answer]));
  };
  const promote = async (path: string): Promise<string> => {
    const { promotion } = done(
      await people.rex.post(`${path}/promotions`, { release: 'latest', environment: 'production' }),
    );
    await settle();
    return promotion;
  };
  const outcome = async (promotion: string): Promise<Loose> => done(await api.get(`/api/v1/promotions/${promotion}`));

  test('R17, R18: every gate says what it waits for, each person opens his own, and the change is on record', async () => {
    const shop = await makeShop(
      '[{ gate: tests }, { gate: deployed }, { gate: merged }, { gate: review, from: liftlock }, { gate: qa }, { gate: notes }, { gate: plan }]',
      { separation: 'two-person' },
    );
    const promotion = await promote(shop.path);
    const gates = await why(shop.path);
    for (const open of ['tests', 'deployed', 'merged']) assert.equal(gates[open].answer, 'open', gates[open].because);
    for (const shut of ['review', 'qa', 'notes', 'plan'])
      assert.equal(gates[shut].waitsFor, 'person', gates[shut].because);

    const reviewable = done(await people.mia.get(`${shop.path}/releases/latest/reviews`));
    assert.equal(reviewable.commits.length, 1);
    assert.deepEqual(reviewable.commits[0].authors, ['dev']);
    const commits = reviewable.commits.map(({ id }: Loose) => id);
    done(await people.dev.post(`${shop.path}/reviews`, { commits, decision: 'approve', reason: 'mine' }));
    await settle();
    assert.match((await why(shop.path))['review'].because, /its author does not count/);
    done(await people.mia.post(`${shop.path}/reviews`, { commits, decision: 'approve', reason: 'reads well' }));

    const signOff = { release: 'latest', reason: 'bought a book' };
    const testing = `${shop.path}/environments/testing/sign-off`;
    assert.equal((await people.dev.post(testing, signOff)).status, 403);
    assert.equal((await people.quinn.post(`${shop.production}/sign-off`, signOff)).body.code, 'sign-off/refused');
    done(await people.quinn.post(testing, signOff));

    const notes = done(await people.rex.get(`${shop.production}/notes?release=latest`));
    assert.match(notes.body, /## New\n\n- first change/);
    const own = done(
      await people.rex.post(`${shop.production}/notes`, { release: 'latest', body: 'Books can be bought.' }),
    );
    assert.equal(own.source, 'written');
    const stale = await people.rex.post(`${shop.production}/accept-notes`, { release: 'latest', digest: notes.digest });
    assert.equal(stale.body.code, 'approval/stale');
    done(await people.rex.post(`${shop.production}/accept-notes`, { release: 'latest', digest: own.digest }));
    await settle();
    assert.equal((await outcome(promotion)).state, 'waiting');

    const plan = done(await people.rex.get(`${shop.path}/plan?release=latest&environment=production`));
    const wrong = `sha256:${'0'.repeat(64)}`;
    const refused = await people.rex.post(`${shop.production}/accept-plan`, { release: 'latest', planHash: wrong });
    assert.equal(refused.body.code, 'approval/stale');
    done(
      await people.rex.post(`${shop.production}/accept-plan`, {
        release: 'latest',
        planHash: plan.planHash,
        reason: 'read',
      }),
    );
    await settle();
    assert.equal((await outcome(promotion)).outcome, 'succeeded', JSON.stringify(await outcome(promotion)));

    const { changes } = done(await people.rex.get(`${shop.path}/changes`));
    assert.equal(changes.length, 1);
    assert.equal(changes[0].outcome, 'succeeded');
    const { document, digest } = done(await people.rex.get(`${shop.path}/changes/1`));
    assert.equal(document.notes.body, 'Books can be bought.');
    assert.equal(document.plan.acceptedBy, 'rex');
    assert.equal(document.plan.commits.length, 1);
    assert.equal(document.outcome.outcome, 'succeeded');
    assert.ok(document.risk.factors.some(({ sentence }: Loose) => /first deployment/.test(sentence)));
    assert.ok(document.gates.every(({ answer }: Loose) => answer === 'open'));
    assert.match(digest, /^sha256:/);
    assert.equal(done(await people.rex.get(`${shop.path}/changes/${promotion}`)).digest, digest);
    assert.equal((await people.dev.get(`${shop.path}/changes/2`)).body.code, 'request/not-found');
    await checkOffline(done(await people.rex.get(`${shop.path}/changes/1/bundle`)).bundle);
  });

  /** As an auditor does who has the file and the public key, and neither server nor database. */
  async function checkOffline(bundle: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'liftlock bundle '));
    const check = async (text: string): Promise<number | null> => {
      await writeFile(join(directory, 'change.bundle'), text);
      await writeFile(join(directory, 'keys'), (await api.audit.audit.keys()).join('\n'));
      const command = fileURLToPath(new URL('../../../bin/liftlock.mjs', import.meta.url));
      const args = [command, 'audit', 'verify-bundle', 'change.bundle', '--key', 'keys'];
      const child = spawn(process.execPath, args, { cwd: directory, stdio: 'ignore' });
      const [code] = await once(child, 'close');
      return code;
    };
    try {
      assert.equal(await check(bundle), 0);
      assert.equal(
        await check(bundle.replace('Books can be bought.', 'Books can be read.')),
        6,
        'not as it was signed',
      );
      const { text } = parseNote(bundle);
      const other = text.replaceAll('Books can be bought.', 'Books can be read.');
      const { name } = parseKey(hashBytes, (await api.audit.audit.keys())[0]!);
      const resigned = signNote(other, api.audit.notary.signer(name));
      assert.equal(await check(resigned), 6, 'signed anew, and yet not what was recorded when it began');
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  test('a QA engineer who says no keeps it out until he says otherwise', async () => {
    const shop = await makeShop('[{ gate: qa }]');
    const promotion = await promote(shop.path);
    const testing = `${shop.path}/environments/testing/sign-off`;
    done(await people.quinn.post(testing, { release: 'latest', verdict: 'FAIL', reason: 'the basket is empty' }));
    await settle();
    assert.match((await why(shop.path))['qa'].because, /quinn did not sign it off in testing: the basket is empty/);
    done(await people.quinn.post(testing, { release: 'latest', reason: 'it was the cache' }));
    await settle();
    assert.equal((await outcome(promotion)).outcome, 'succeeded');
  });

  test('R5: what is taken back between the start and the deployment refuses it', async () => {
    const shop = await makeShop('[{ gate: qa }]');
    const testing = `${shop.path}/environments/testing/sign-off`;
    done(await people.quinn.post(testing, { release: 'latest', reason: 'looked fine' }));
    const wish = { release: 'latest', environment: 'production' };
    const { promotion } = done(await people.rex.post(`${shop.path}/promotions`, wish));
    const [commits] = await api.store.transaction(async (tx) => {
      const row = await outcomeRow(tx, promotion);
      return tx.checks.of(row.environment, row.release);
    });
    // Only this job: the one that deploys waits in the queue.
    await askOutside(api.world, commits!.id, new AbortController().signal);
    assert.equal((await outcome(promotion)).state, 'running');
    done(await people.quinn.post(testing, { release: 'latest', verdict: 'FAIL', reason: 'the basket is empty' }));
    await settle();
    const ended = await outcome(promotion);
    assert.equal(ended.outcome, 'refused');
    assert.match(ended.reason, /quinn did not sign it off in testing: the basket is empty/);
  });

  test('reviews of the forge count, and a forge that does not answer is told as an error', async () => {
    const forge = `{ kind: gitea, repository: shop/web, api: "http://${webhook.host}/api/v1", token: FORGE_TOKEN }`;
    const shop = await makeShop('[{ gate: review, from: forge }]', { source: `{ forge: ${forge} }` });
    const promotion = await promote(shop.path);
    assert.match(
      (await why(shop.path))['review'].because,
      /the secret FORGE_TOKEN, with which the forge is asked, is not there/,
    );
    secrets.set('FORGE_TOKEN', 't0ken');
    const { commit } = done(await api.get(`${shop.path}/releases/1`)).release;
    const head = 'd'.repeat(40);
    const pull = { number: 7, user: { login: 'dev' }, merged: true, base: { ref: 'main' }, head: { sha: head } };
    webhook.answers.set(`/api/v1/repos/shop/web/commits/${commit}/pull`, pull);
    webhook.answers.set('/api/v1/repos/shop/web/pulls/7/commits', []);
    const review = { user: { login: 'mia' }, state: 'APPROVED', commit_id: head, submitted_at: '2026-03-04T11:00:00Z' };
    webhook.answers.set('/api/v1/repos/shop/web/pulls/7/reviews', [review]);
    await api.store.transaction(async (tx) => {
      const row = await outcomeRow(tx, promotion);
      const check = (await tx.checks.of(row.environment, row.release)).find(({ kind }) => kind === 'forge');
      await tx.checks.update({ ...check!, dueAt: 0 as never });
    });
    await settle();
    const ended = await outcome(promotion);
    assert.equal(ended.outcome, 'succeeded', JSON.stringify(await why(shop.path)));
    assert.match(ended.answers.find(({ gate }: Loose) => gate === 'review').because, /reviewed by forge:mia/);
  });

  test('R19, R40: a command is asked once for a promotion and plan, apart from the release, and 75 asks again', async (t) => {
    const trace = await mkdtemp(join(tmpdir(), 'liftlock-gate-'));
    t.after(() => rm(trace, { recursive: true }));
    const command = `pwd > ${trace}/where; ls >> ${trace}/where; echo asked >> ${trace}/times; echo "$LIFTLOCK_ENVIRONMENT $LIFTLOCK_RELEASE_NUMBER"; cat "$LIFTLOCK_ARTIFACT/index.html" >/dev/null && test -e ${trace}/go || exit 75`;
    const shop = await makeShop(`[{ gate: custom, name: ticket, run: ${JSON.stringify(command)} }]`);
    const promotion = await promote(shop.path);
    const waiting = (await why(shop.path))['custom'];
    assert.equal(waiting.answer, 'waiting');
    assert.match(waiting.because, /ticket: production 1/);
    assert.ok(waiting.askAgainAt > Date.now());
    assert.equal(await lines(join(trace, 'times')), 1);
    assert.equal(await lines(join(trace, 'where')), 1, 'the directory is empty');
    await writeFile(join(trace, 'go'), '');
    await api.store.transaction(async (tx) => {
      const [check] = await tx.checks.of(
        (await outcomeRow(tx, promotion)).environment,
        (await outcomeRow(tx, promotion)).release,
      );
      await tx.checks.update({ ...check!, dueAt: 0 as never });
    });
    await settle();
    assert.equal((await outcome(promotion)).outcome, 'succeeded', JSON.stringify(await why(shop.path)));
    assert.equal(await lines(join(trace, 'times')), 2);
  });

  test('R16: a person has it asked now, instead of when it would be by itself; a no stays a no', async (t) => {
    const trace = await mkdtemp(join(tmpdir(), 'liftlock-gate-'));
    t.after(() => rm(trace, { recursive: true }));
    const shop = await makeShop(
      `[{ gate: custom, name: ticket, run: ${JSON.stringify(`test -e ${trace}/go && echo fine || exit 75`)} }]`,
    );
    const promotion = await promote(shop.path);
    assert.equal((await why(shop.path))['custom'].answer, 'waiting');
    await writeFile(join(trace, 'go'), '');
    const again = () => api.post(`${shop.path}/environments/production/ask-again`, { release: '1' });
    const asked = await again();
    assert.deepEqual([asked.status, asked.body], [202, { asked: ['ticket'] }]);
    await settle();
    assert.equal((await outcome(promotion)).outcome, 'succeeded', JSON.stringify(await why(shop.path)));
    assert.deepEqual((await again()).body, { asked: [] });
  });

  test('R16: a command that gives no answer is an error that is tried again; one that says no closes', async () => {
    const broken = await makeShop('[{ gate: custom, name: ticket, run: "echo broken; exit 3" }]');
    const first = await promote(broken.path);
    const gate = (await why(broken.path))['custom'];
    assert.deepEqual([gate.answer, gate.waitsFor], ['waiting', 'lookup']);
    assert.match(gate.because, /ticket could not be asked: exited with 3, which is no answer: broken/);
    assert.equal((await outcome(first)).state, 'waiting');
    const closed = await makeShop('[{ gate: custom, name: ticket, run: "echo no ticket; exit 1" }]');
    const second = await outcome(await promote(closed.path));
    assert.deepEqual([second.outcome, second.reason], ['refused', 'ticket: no ticket']);
  });

  test('a webhook is asked by a signed request, and anything but an answer opens nothing', async () => {
    const shop = await makeShop(`[{ gate: custom, name: compliance, webhook: "${webhook.url}", secret: COMPLIANCE }]`);
    const promotion = await promote(shop.path);
    assert.match(
      (await why(shop.path))['custom'].because,
      /the secret COMPLIANCE, which signs the question, is not there/,
    );
    secrets.set('COMPLIANCE', 'whsec_c2VjcmV0IGtleQ==');
    const again = async (reply: Reply) => {
      webhook.reply = reply;
      await api.store.transaction(async (tx) => {
        const row = await outcomeRow(tx, promotion);
        const [check] = await tx.checks.of(row.environment, row.release);
        await tx.checks.update({ ...check!, dueAt: 0 as never });
      });
      await settle();
      return why(shop.path);
    };
    assert.match((await again({ status: 503, body: '' }))['custom'].because, /answered with status 503/);
    for (const body of ['', 'open', '{"answer":"yes"}', '[]', '{"answer":["open"]}'])
      assert.match((await again({ status: 200, body }))['custom'].because, /the answer is not/, body);
    assert.match(
      (await again({ status: 200, body: '{"answer":"waiting","because":"Dora reads it"}' }))['custom'].because,
      /compliance: Dora reads it/,
    );
    await again({ status: 200, body: '{"answer":"open","because":"fine"}' });
    assert.equal((await outcome(promotion)).outcome, 'succeeded');
    const { headers, body } = webhook.asked.at(-1)!;
    const id = String(headers['webhook-id']);
    const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', Buffer.from('secret key')).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
    assert.equal(JSON.parse(body).data.release.number, 1);
    assert.equal(new Set(webhook.asked.map((one) => one.headers['webhook-id'])).size, 1);
  });

  test('R19: a file that weakens production waits for a second person; a stricter one is in force at once', async () => {
    const shop = await makeShop('[{ gate: qa }, { gate: approval, count: 1 }]', { separation: 'two-person' });
    const weaker = shop.text.replace('{ gate: qa }, ', '');
    const proposed = done(await people.mia.post('/api/v1/projects', { text: weaker }));
    assert.deepEqual([proposed.changed, proposed.proposed], [false, ['production: the gate qa is gone']]);
    assert.match(done(await api.get(`${shop.path}/pipeline`)).text, /gate: qa/);
    const again = done(await people.mia.post('/api/v1/projects', { text: weaker }));
    assert.deepEqual(again.proposed, proposed.proposed);
    const { proposal } = done(await people.mia.get(`${shop.path}/proposal`));
    assert.equal(proposal.weakenings[0].what, 'gate-removed');

    assert.equal((await people.dev.post(`${shop.path}/approve-pipeline`, { reason: 'yes' })).status, 403);
    const own = await people.mia.post(`${shop.path}/approve-pipeline`, { reason: 'yes' });
    assert.match(own.body.detail ?? JSON.stringify(own.body), /mia proposed it; somebody else decides/);
    done(await people.mia.post(`${shop.path}/reject-pipeline`, { reason: 'a mistake of mine' }));
    assert.equal(done(await api.get(`${shop.path}/proposal`)).proposal, null, 'who proposed it may take it back');
    done(await people.mia.post('/api/v1/projects', { text: weaker }));
    done(await api.post(`${shop.path}/approve-pipeline`, { digest: proposal.digest, reason: 'QA is on holiday' }));
    assert.doesNotMatch(done(await api.get(`${shop.path}/pipeline`)).text, /gate: qa/);
    const { events } = done(await api.get(`/api/v1/events/list?project=${shop.name}`));
    const applied = events.findLast(({ kind }: Loose) => kind === 'pipeline.applied');
    assert.equal(applied.data.weakenings[0].sentence, 'the gate qa is gone');

    const stricter = done(await people.mia.post('/api/v1/projects', { text: shop.text }));
    assert.deepEqual([stricter.changed, stricter.proposed], [true, null]);
    done(await people.mia.post('/api/v1/projects', { text: weaker }));
    done(await api.post(`${shop.path}/reject-pipeline`, { reason: 'not now' }));
    assert.equal(done(await api.get(`${shop.path}/proposal`)).proposal, null);
    const other = shop.text.replace('signatures: none', 'signatures: hosted');
    done(await people.mia.post('/api/v1/projects', { text: weaker }));
    assert.equal(done(await people.mia.post('/api/v1/projects', { text: other })).changed, true);
    assert.equal(done(await api.get(`${shop.path}/proposal`)).proposal, null, 'what it was compared with is gone');
  });

  test('R19: where commits come from changes when a second person agrees; a new password for the same place needs none', async () => {
    const shop = await makeShop('[{ gate: approval, count: 1 }]', { separation: 'two-person' });
    const move = (source: string) => people.mia.post('/api/v1/projects', { text: shop.text, source });
    const sourceNow = async () => done(await api.get(`${shop.path}/status`)).source.url;
    const stands = await sourceNow();
    const proposed = done(await move('https://git.example.org/elsewhere.git'));
    assert.match(proposed.proposed[0], /commits come from https:\/\/git.example.org\/elsewhere.git instead of /);
    const first = done(await people.mia.get(`${shop.path}/proposal`)).proposal;
    done(await move('https://git.example.org/another.git'));
    const stale = await api.post(`${shop.path}/approve-pipeline`, { digest: first.digest, reason: 'as I read it' });
    assert.equal(stale.body.code, 'approval/stale', 'it is another place than was read');
    assert.equal(await sourceNow(), stands);
    const own = await people.mia.post(`${shop.path}/approve-pipeline`, { reason: 'mine' });
    assert.match(JSON.stringify(own.body), /mia proposed it/);
    done(await api.post(`${shop.path}/approve-pipeline`, { reason: 'the repository has moved' }));
    assert.equal(await sourceNow(), 'https://git.example.org/another.git');
    const withToken = done(await move('https://bot:secret@git.example.org/another.git'));
    assert.deepEqual([withToken.proposed, withToken.changed], [null, false]);
    const { events } = done(await api.get(`/api/v1/events/list?project=${shop.name}`));
    const moves = events.filter(({ kind }: Loose) => kind === 'project.source-changed');
    assert.deepEqual(
      moves.map(({ data }: Loose) => data.approvedBy !== undefined),
      [true, false],
    );
  });

  test('a finding is answered for until a time, and blocks again when it is lifted', async () => {
    const shop = await makeShop('[{ gate: approval, count: 1 }]');
    const suppress = { finding: 'CVE-2026-1', until: Date.now() + 3_600_000, reason: 'not reachable' };
    assert.equal((await people.dev.post(`${shop.path}/suppressions`, suppress)).status, 403);
    const far = { ...suppress, until: Date.now() + 400 * 86_400_000 };
    assert.equal((await people.mia.post(`${shop.path}/suppressions`, far)).body.code, 'input/invalid');
    assert.equal(done(await people.mia.post(`${shop.path}/suppressions`, suppress)).owner, 'mia');
    assert.equal(done(await people.dev.get(`${shop.path}/suppressions`)).suppressions.length, 1);
    const lift = { finding: 'CVE-2026-1', reason: 'it is' };
    assert.equal(done(await people.mia.post(`${shop.path}/lift-suppression`, lift)).lifted, 1);
    assert.equal((await people.mia.post(`${shop.path}/lift-suppression`, lift)).body.code, 'request/not-found');
  });
});

async function outcomeRow(tx: Loose, promotion: string) {
  return (await tx.promotions.get(promotion)).promotion;
}

async function lines(file: string): Promise<number> {
  return (await readFile(file, 'utf8')).trim().split('\n').length;
}

interface Asked {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

async function startWebhook() {
  const asked: Asked[] = [];
  const state = { reply: { status: 500, body: '' } as Reply };
  const answers = new Map<string, unknown>();
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const known = answers.get(new URL(incoming.url!, 'http://forge').pathname);
      if (known !== undefined) return outgoing.writeHead(200).end(JSON.stringify(known));
      asked.push({ headers: incoming.headers, body });
      return outgoing.writeHead(state.reply.status, { 'content-type': 'application/json' }).end(state.reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    answers,
    host,
    url: `http://${host}/liftlock`,
    close: () => server.close(),
    get reply() {
      return state.reply;
    },
    set reply(reply: Reply) {
      state.reply = reply;
    },
  };
}
