/** What the forges say of reviews, against servers that answer in the shapes of their APIs. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createForge } from '../../src/adapters/forge/forge.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import type { Forge, ForgeRef } from '../../src/ports/forge.ts';

const commit = 'c'.repeat(40);
const head = 'd'.repeat(40);
const old = 'e'.repeat(40);

describe('reviews at a forge', () => {
  let forge: Forge;
  let address: string;
  let answers: Map<string, unknown>;
  let asked: { path: string; headers: IncomingMessage['headers'] }[];
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url!, 'http://forge');
    asked.push({ path: incoming.url!, headers: incoming.headers });
    const page = url.searchParams.get('page') ?? '1';
    const known = answers.get(url.pathname);
    const answer = Array.isArray(known) && page !== '1' ? [] : known;
    if (typeof answer === 'number' || answer === undefined) outgoing.writeHead(answer ?? 404).end('secret');
    else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    address = `http://${host}/api`;
    forge = createForge({ outgoing: createOutgoing({ allowHosts: [host] }) });
  });
  after(() => server.close());
  beforeEach(() => {
    answers = new Map();
    asked = [];
  });

  const reviews = async (kind: ForgeRef['kind'], commits: readonly string[] = [commit]) =>
    (
      await forge.reviews({ kind, api: address, repository: 'shop/web', token: 't0ken' }, { commits, branch: 'main' })
    ).map(({ commit: of, by, decision }) => [of, by, decision]);

  describe('at GitHub', () => {
    const pull = (changes: object = {}) => ({
      number: 7,
      user: { login: 'ann' },
      merged_at: '2026-03-04T12:00:00Z',
      base: { ref: 'main' },
      head: { sha: head },
      ...changes,
    });
    const review = (login: string, state: string, changes: object = {}) => ({
      user: { login },
      state,
      commit_id: head,
      submitted_at: '2026-03-04T11:00:00Z',
      ...changes,
    });
    const answerWith = (given: readonly object[], pulls: readonly object[] = [pull()]) => {
      answers.set(`/api/repos/shop/web/commits/${commit}/pulls`, pulls);
      answers.set('/api/repos/shop/web/pulls/7/reviews', given);
      answers.set('/api/repos/shop/web/pulls/7/commits', [
        { author: { login: 'cid' }, committer: { login: 'web-flow' } },
      ]);
    };

    test('an approval on the merged head by somebody else counts, asked for with the token', async () => {
      answerWith([review('bob', 'APPROVED')]);
      assert.deepEqual(await reviews('github'), [[commit, 'bob', 'approve']]);
      assert.equal(asked[0]!.headers['authorization'], 'Bearer t0ken');
    });

    test('what was approved on an older head, dismissed, pending, or by an author of any commit does not', async () => {
      answerWith([
        review('bob', 'APPROVED', { commit_id: old }),
        review('dan', 'DISMISSED'),
        review('eve', 'PENDING', { submitted_at: undefined }),
        review('fay', 'COMMENTED'),
        review('ann', 'APPROVED'),
        review('cid', 'APPROVED'),
        { ...review('gone', 'APPROVED'), user: null },
      ]);
      assert.deepEqual(await reviews('github'), []);
    });

    test('the last word of each person counts, and a comment leaves the one before it standing', async () => {
      answerWith([
        review('bob', 'APPROVED'),
        review('bob', 'CHANGES_REQUESTED', { submitted_at: '2026-03-04T11:30:00Z' }),
        review('dan', 'CHANGES_REQUESTED', { commit_id: old }),
        review('dan', 'APPROVED', { submitted_at: '2026-03-04T11:30:00Z' }),
        review('dan', 'COMMENTED', { submitted_at: '2026-03-04T11:40:00Z' }),
      ]);
      assert.deepEqual(await reviews('github'), [
        [commit, 'bob', 'request-changes'],
        [commit, 'dan', 'approve'],
      ]);
    });

    test('a request that was not merged, or to another branch, brought nothing', async () => {
      answerWith([review('bob', 'APPROVED')], [pull({ merged_at: null }), pull({ base: { ref: 'develop' } })]);
      assert.deepEqual(await reviews('github'), []);
      assert.deepEqual(await reviews('github', ['f'.repeat(40)]), []);
    });

    test('commits of one request share what is asked about it', async () => {
      answerWith([review('bob', 'APPROVED')]);
      const other = 'a'.repeat(40);
      answers.set(`/api/repos/shop/web/commits/${other}/pulls`, [pull()]);
      assert.equal((await reviews('github', [commit, other])).length, 2);
      assert.equal(asked.filter(({ path }) => path.includes('/reviews')).length, 1);
    });

    test('R16: an error, another shape or no JSON is no answer, and what the forge says beside it is not told', async () => {
      for (const wrong of [500, 401, { message: 'secret' }, [{ number: 'seven' }]]) {
        answerWith([]);
        answers.set(`/api/repos/shop/web/commits/${commit}/pulls`, wrong);
        await assert.rejects(reviews('github'), (error: Error & { code: string }) => {
          assert.equal(error.code, 'gate/unanswered');
          assert.doesNotMatch(error.message, /secret|t0ken/);
          return true;
        });
      }
    });
  });

  describe('at Gitea', () => {
    const answerWith = (given: readonly object[], changes: object = {}) => {
      answers.set(`/api/repos/shop/web/commits/${commit}/pull`, {
        number: 7,
        user: { login: 'ann' },
        merged: true,
        base: { ref: 'main' },
        head: { sha: head },
        ...changes,
      });
      answers.set('/api/repos/shop/web/pulls/7/reviews', given);
      answers.set('/api/repos/shop/web/pulls/7/commits', []);
    };
    const review = (login: string, state: string, changes: object = {}) => ({
      user: { login },
      state,
      commit_id: head,
      submitted_at: '2026-03-04T11:00:00Z',
      stale: false,
      dismissed: false,
      ...changes,
    });

    test('approvals on the merged head count; stale and dismissed ones, and the author’s, do not', async () => {
      answerWith([
        review('bob', 'APPROVED'),
        review('dan', 'APPROVED', { stale: true }),
        review('eve', 'APPROVED', { dismissed: true }),
        review('ann', 'APPROVED'),
        review('fay', 'REQUEST_CHANGES', { commit_id: old }),
      ]);
      assert.deepEqual(await reviews('gitea'), [
        [commit, 'bob', 'approve'],
        [commit, 'fay', 'request-changes'],
      ]);
      assert.equal(asked[0]!.headers['authorization'], 'token t0ken');
    });

    test('a commit that no merged request brought has no review', async () => {
      assert.deepEqual(await reviews('gitea'), []);
      answerWith([review('bob', 'APPROVED')], { merged: false });
      assert.deepEqual(await reviews('gitea'), []);
    });
  });

  describe('at GitLab', () => {
    const project = '/api/projects/shop%2Fweb';
    const answerWith = (given: readonly object[]) => {
      answers.set(`${project}/repository/commits/${commit}/merge_requests`, [
        { iid: 7, state: 'closed', target_branch: 'main', author: null },
        { iid: 8, state: 'merged', target_branch: 'main', author: { username: 'ann' } },
      ]);
      answers.set(`${project}/merge_requests/8/approvals`, { approved_by: given });
      answers.set(`${project}/merge_requests/8/versions`, [
        { created_at: '2026-03-04T10:00:00Z' },
        { created_at: '2026-03-04T09:00:00Z' },
      ]);
    };

    test('approvals given after the last push count; older ones, the author’s and those without a time do not', async () => {
      answerWith([
        { user: { username: 'bob' }, approved_at: '2026-03-04T10:30:00Z' },
        { user: { username: 'dan' }, approved_at: '2026-03-04T09:30:00Z' },
        { user: { username: 'ann' }, approved_at: '2026-03-04T10:30:00Z' },
        { user: { username: 'eve' } },
      ]);
      assert.deepEqual(await reviews('gitlab'), [[commit, 'bob', 'approve']]);
      assert.equal(asked[0]!.headers['private-token'], 't0ken');
    });
  });
});
