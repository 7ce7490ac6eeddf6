/** Deliveries as forges sign them, made here and sent to a real server. */
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createWebhooks, mostDeliveryBytes } from '../../src/adapters/webhooks/webhooks.ts';
import type { WebhookProvider } from '../../src/domain/trigger/webhook.ts';
import type { Log } from '../../src/ports/log.ts';
import { apiWorld, makeProject, type Answer, type ApiWorld } from '../world/api-server.ts';
import { newId, query, silent } from '../world/make.ts';

type Headers = Record<string, string>;
interface Signing {
  readonly secret: string;
  readonly body: string;
  readonly id?: string;
  readonly time?: number;
}

const hex = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

/** How each forge signs, written down apart from what is tested. */
const senders: Readonly<Record<string, { provider: WebhookProvider; headers: (signing: Signing) => Headers }>> = {
  GitHub: {
    provider: 'github',
    headers: ({ secret, body, id = randomUUID() }) => ({
      'x-github-event': 'push',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${hex(secret, body)}`,
      'user-agent': 'GitHub-Hookshot/044aadd',
    }),
  },
  'GitLab with its old token': {
    provider: 'gitlab',
    headers: ({ secret, id = randomUUID() }) => ({
      'x-gitlab-event': 'Push Hook',
      'x-gitlab-event-uuid': id,
      'x-gitlab-token': secret,
    }),
  },
  'GitLab, signed': {
    provider: 'gitlab',
    headers({ secret, body, id = randomUUID(), time = Math.floor(Date.now() / 1_000) }) {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const mac = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
      return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${mac}` };
    },
  },
  Gitea: {
    provider: 'gitea',
    headers: ({ secret, body, id = randomUUID() }) => ({
      'x-gitea-delivery': id,
      'x-gitea-event': 'push',
      'x-gitea-signature': hex(secret, body),
    }),
  },
  Forgejo: {
    provider: 'forgejo',
    headers: ({ secret, body, id = randomUUID() }) => ({
      'x-forgejo-delivery': id,
      'x-forgejo-event': 'push',
      'x-forgejo-signature': hex(secret, body),
    }),
  },
  Bitbucket: {
    provider: 'bitbucket',
    headers: ({ secret, body, id = randomUUID() }) => ({
      'x-event-key': 'repo:push',
      'x-request-uuid': id,
      'x-hub-signature': `sha256=${hex(secret, body)}`,
    }),
  },
};

describe('webhooks of forges', () => {
  let api: ApiWorld;
  let path = '';
  const said: string[] = [];
  const log: Log = { ...silent, warn: (message, fields) => void said.push(`${message} ${JSON.stringify(fields)}`) };
  const secrets = new Map<string, string>();

  before(async () => {
    api = await apiWorld({ log });
    ({ path } = await makeProject(api));
    for (const provider of new Set(Object.values(senders).map((sender) => sender.provider))) {
      const { status, body } = await api.post(`${path}/webhooks`, { provider });
      assert.equal(status, 200);
      secrets.set(provider, body.secret as string);
    }
  });
  after(() => api?.close());

  /** Without any token of ours. */
  async function deliver(provider: string, body: string, headers: Headers, where = path): Promise<Answer> {
    const response = await fetch(`${api.server.url}${where}/hooks/${provider}`, { method: 'POST', body, headers });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const push = () =>
    JSON.stringify({ ref: 'refs/heads/main', after: 'f'.repeat(40), unique: randomUUID(), text: 'ä"\\' });
  const hints = async () =>
    (await query(api.database.url, "select count(*)::int as count from events where kind = 'source.hinted'"))[0]![
      'count'
    ];

  for (const [name, { provider, headers }] of Object.entries(senders)) {
    test(`${name}: a signed delivery makes the repository be looked at, and counts once`, async () => {
      const secret = secrets.get(provider)!;
      const body = push();
      const signed = headers({ secret, body });
      await query(api.database.url, 'update projects set poll_due_at = 9000000000000');
      const first = await deliver(provider, body, signed);
      assert.deepEqual([first.status, first.body.duplicate], [202, false], JSON.stringify(first.body));
      const [{ poll_due_at: due }] = (await query(api.database.url, 'select poll_due_at from projects')) as [
        { poll_due_at: string },
      ];
      assert.ok(Number(due) <= Date.now());
      const counted = await hints();
      assert.equal((await deliver(provider, body, signed)).body.duplicate, true, 'a replay');
      const renamed = headers({ secret, body, id: randomUUID() });
      assert.equal((await deliver(provider, body, renamed)).body.duplicate, true, 'a replay under another id');
      assert.equal(await hints(), counted);
    });

    test(`${name}: what is signed by nobody, by somebody else or for another body is refused, all in the same words`, async () => {
      const secret = secrets.get(provider)!;
      const body = push();
      const counted = await hints();
      const another = secrets.get(provider === 'gitlab' ? 'github' : 'gitlab')!;
      const attempts: readonly Headers[] = [
        {},
        headers({ secret: `whsec_${Buffer.alloc(32).toString('base64')}`, body }),
        headers({ secret: another, body }),
        ...(name === 'GitLab with its old token' ? [] : [headers({ secret, body: `${body} ` })]),
        Object.fromEntries(Object.entries(headers({ secret, body })).map(([key, value]) => [key, value.slice(0, -2)])),
      ];
      const answers = await Promise.all(attempts.map((attempt) => deliver(provider, body, attempt)));
      for (const answer of answers) {
        assert.equal(answer.status, 401, JSON.stringify(answer.body));
        assert.equal(answer.body.detail, answers[0]!.body.detail);
      }
      assert.equal(await hints(), counted);
    });
  }

  test('the provider is that of the address, whatever the delivery says', async () => {
    const body = push();
    const signed = senders['GitHub']!.headers({ secret: secrets.get('github')!, body });
    for (const other of ['gitlab', 'gitea', 'forgejo', 'bitbucket']) {
      assert.equal((await deliver(other, body, signed)).status, 401, other);
    }
    assert.equal((await deliver('sourcehut', body, signed)).status, 400);
  });

  test('a project that is not there, and one without a webhook, answer like a wrong signature', async () => {
    const { path: bare } = await makeProject(api);
    const body = push();
    const signed = senders['GitHub']!.headers({ secret: secrets.get('github')!, body });
    const [nowhere, without, wrong] = await Promise.all([
      deliver('github', body, signed, '/api/v1/projects/nowhere'),
      deliver('github', body, signed, bare),
      deliver('github', `${body} `, signed),
    ]);
    const told = (answer: Answer) => ({ status: answer.status, ...answer.body, request_id: 'of each its own' });
    assert.deepEqual(told(nowhere), told(wrong));
    assert.deepEqual(told(without), told(wrong));
  });

  test('GitLab: an old signature is refused, and the old token does not stand in for a wrong one', async () => {
    const secret = secrets.get('gitlab')!;
    const body = push();
    const { headers } = senders['GitLab, signed']!;
    const stale = headers({ secret, body, time: Math.floor(Date.now() / 1_000) - 301 });
    assert.equal((await deliver('gitlab', body, stale)).status, 401);
    const downgraded = { ...headers({ secret, body: 'another' }), 'x-gitlab-token': secret };
    assert.equal((await deliver('gitlab', body, downgraded)).status, 401);
    const several = headers({ secret, body });
    several['webhook-signature'] = `v1,${Buffer.alloc(32).toString('base64')} ${several['webhook-signature']}`;
    assert.equal((await deliver('gitlab', body, several)).status, 202);
  });

  test('a body beyond the limit is cut off, signed or not, announced or not, without being kept', async () => {
    const secret = secrets.get('github')!;
    const announced = { 'content-length': String(mostDeliveryBytes + 1) };
    const signed = senders['GitHub']!.headers({ secret, body: '' });
    const counted = await hints();
    const chunked = { 'transfer-encoding': 'chunked' };
    for (const [headers, status] of [
      [{ ...signed, ...announced }, 413],
      [{ ...signed, ...chunked }, 413],
      [chunked, 401],
    ] as const) {
      const end = await flood(`${path}/hooks/github`, headers);
      assert.ok(end === status || end === 'cut off', `${JSON.stringify(headers)}: ${end}`);
    }
    assert.equal(await hints(), counted);
  });

  test('a large honest delivery is verified while it comes in', async () => {
    const body = JSON.stringify({ commits: 'x'.repeat(20 * 2 ** 20), unique: randomUUID() });
    const signed = senders['GitHub']!.headers({ secret: secrets.get('github')!, body });
    assert.equal((await deliver('github', body, signed)).status, 202);
  });

  test('a new secret and the old one overlap for as long as is wanted; a removed one counts at once', async () => {
    const { path: own } = await makeProject(api);
    const { headers } = senders['Gitea']!;
    const add = async (more: object) => (await api.post(`${own}/webhooks`, { provider: 'gitea', ...more })).body;
    const send = async (secret: string) => {
      const body = push();
      return (await deliver('gitea', body, headers({ secret, body }), own)).status;
    };
    const old = await add({});
    const fresh = await add({ overlap: 3_600_000 });
    assert.deepEqual([await send(old.secret), await send(fresh.secret)], [202, 202]);
    const { webhooks } = (await api.get(`${own}/webhooks`)).body;
    assert.deepEqual(
      webhooks.map(({ id, endsAt }: { id: string; endsAt: number | null }) => [id, endsAt === null]),
      [
        [old.id, false],
        [fresh.id, true],
      ],
    );
    assert.ok(!JSON.stringify(webhooks).includes('whsec_'), 'the list tells no secret');
    const last = await add({ overlap: 0 });
    assert.deepEqual([await send(old.secret), await send(fresh.secret), await send(last.secret)], [401, 401, 202]);
    assert.equal((await api.post(`${own}/webhooks/remove`, { webhook: last.id })).status, 200);
    assert.equal(await send(last.secret), 401);
    assert.equal((await api.post(`${own}/webhooks/remove`, { webhook: last.id })).body.code, 'webhook/unknown');
  });

  test('secrets stand in no table and no line of the log, and a database under another key verifies nothing', async () => {
    const dump = await query(
      api.database.url,
      'select to_jsonb(w) as row from webhooks w union all select to_jsonb(e) from events e',
    );
    for (const secret of secrets.values()) {
      assert.ok(!JSON.stringify(dump).includes(secret));
      assert.ok(!said.join('\n').includes(secret));
    }
    const stranger = createWebhooks({ key: new Uint8Array(32) });
    const id = newId('whk');
    assert.notEqual(stranger.secretOf(id), api.world.webhooks.secretOf(id));
  });

  /** Sends up to 30 MiB. Answers the status that came, perhaps long before the end; a connection that is reset under what is still being sent takes the answer along. */
  function flood(where: string, headers: Headers): Promise<number | 'cut off'> {
    return new Promise((resolve, reject) => {
      const sending = request(`${api.server.url}${where}`, { method: 'POST', headers });
      let answered = false;
      sending.on('response', (response) => {
        answered = true;
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      sending.on('error', (error: NodeJS.ErrnoException) => {
        if (answered) return;
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve('cut off');
        else reject(error);
      });
      const chunk = Buffer.alloc(2 ** 20, 'x');
      let left = 30;
      const more = (): void => {
        if (answered) return;
        if (left === 0) return void sending.end();
        left -= 1;
        if (sending.write(chunk)) setImmediate(more);
        else sending.once('drain', more);
      };
      more();
    });
  }
});
