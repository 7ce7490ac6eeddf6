/** People on the command line: who is let in, how, and what is told of it. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipeline } from './corner.ts';
import { openProvider, type TestProvider } from '../world/openid-provider.ts';
import { openStage, type Answer, type Running, type Stage, type Wish } from './stage.ts';

describe('people on the command line', () => {
  let stage: Stage;
  let provider: TestProvider;
  let up: Running;
  let welcome: { url: string; tokenFile: string; firstSignIn: { handle: string; link: string } };

  before(async () => {
    [stage, provider] = await Promise.all([openStage(), openProvider()]);
    await stage.commit('first change', { 'liftlock.yaml': pipeline(stage.scratch), 'check.sh': 'exit 0\n' });
    const { issuer, clientId, clientSecret, host } = provider;
    const env = { LIFTLOCK_OIDC_ISSUER: issuer, LIFTLOCK_OIDC_CLIENT_ID: clientId, LIFTLOCK_OIDC_NAME: 'the office' };
    const secret = { LIFTLOCK_OIDC_CLIENT_SECRET: clientSecret, LIFTLOCK_ALLOW_HOSTS: host };
    up = stage.start(['up', '--port', '0', '--json'], { env: { ...env, ...secret } });
    await up.says(/^\}$/m);
    welcome = JSON.parse(up.stdout());
    provider.open([`${welcome.url}/api/v1/sign-in/oidc/callback`]);
  });
  after(async () => {
    provider?.close();
    await stage?.close();
  });

  const liftlock = (args: readonly string[], wish?: Wish) => stage.liftlock(args, wish);
  const json = async (args: readonly string[], wish?: Wish) => {
    const answer = await liftlock([...args, '--json'], wish);
    assert.equal(answer.code, 0, answer.stdout + answer.stderr);
    return JSON.parse(answer.stdout);
  };
  const done = (answer: Answer): Answer => {
    assert.equal(answer.code, 0, answer.stdout + answer.stderr);
    return answer;
  };

  test('whoever starts Liftlock on his machine is its first person, with grants like any other', async () => {
    const self = await json(['whoami']);
    assert.equal(self.handle, welcome.firstSignIn.handle);
    assert.deepEqual(
      self.rights.map(({ role, project }: { role: string; project: null }) => [role, project]).toSorted(),
      ['admin', 'developer', 'maintainer', 'qa', 'release-manager'].map((role) => [role, null]),
    );
    const { grants } = await json(['grant', 'list']);
    assert.equal(grants.length, 5);
    assert.ok(grants.every(({ by }: { by: string }) => by === 'system:start'));
    assert.equal((await stat(welcome.tokenFile)).mode & 0o777, 0o600);
  });

  test('somebody is made known, given a role for a time, signs in with a link, and sees what he may', async () => {
    const address = ['--email', 'Ada@example.org'];
    const ada = await json(['person', 'add', 'ada', '--name', 'Ada Lovelace', ...address]);
    assert.deepEqual(ada.emails, ['ada@example.org']);
    const grant = await json(['grant', 'add', 'ada', 'viewer', '--project', 'corner', '--until', '2h']);
    assert.ok(grant.until > Date.now());
    const { url: link } = await json(['person', 'link', 'ada']);
    const desk = { cwd: stage.scratch, env: { HOME: join(stage.scratch, 'ada'), LIFTLOCK_URL: welcome.url } };
    assert.match((await liftlock(['status'], desk)).stderr, /there is no token for .*\n.*liftlock login/);
    const { file } = await json(['login', link], desk);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await json(['whoami'], desk)).handle, 'ada');
    const unnamed = { cwd: stage.scratch, env: { HOME: desk.env.HOME } };
    assert.equal(
      (await json(['whoami'], unnamed)).handle,
      'ada',
      'the server that was signed in to last is remembered',
    );
    assert.equal((await liftlock(['login', link], desk)).code, 4);
    const refused = await liftlock(['hold', 'production'], desk);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /not for viewer\n.*one of these roles on corner: developer, qa, maintainer/);
    assert.equal((await json(['status'], desk)).project, 'corner');

    done(await liftlock(['grant', 'revoke', grant.id, '--reason', 'the visit is over']));
    assert.equal((await liftlock(['status'], desk)).code, 4);
    done(await liftlock(['logout'], desk));
    assert.equal(await readFile(file, 'utf8'), '{}');
    done(await liftlock(['person', 'disable', 'ada']));
    assert.match((await liftlock(['person', 'list'])).stdout, /^ada +disabled/m);
  });

  test('a token goes to standard output alone, may do less than its owner, and can be ended', async () => {
    const made = done(await liftlock(['token', 'create', 'ci', '--project', 'corner', '--permission', 'project:read']));
    assert.match(made.stdout, /^liftlock_[0-9a-z]{26}_[0-9a-z]{52}\n$/);
    const env = { LIFTLOCK_TOKEN: made.stdout.trim() };
    done(await liftlock(['status'], { env }));
    assert.match((await liftlock(['hold', 'production'], { env })).stderr, /this token is not made for hold:create/);
    const [, id] = /^(tok_\w+)/.exec(made.stderr)!;
    assert.match(
      (await liftlock(['token', 'list'])).stdout,
      new RegExp(`^${id} +expires in 90 days .*corner project:read +ci$`, 'm'),
    );
    done(await liftlock(['token', 'revoke', id!]));
    assert.match((await liftlock(['status'], { env })).stderr, /the token ci was revoked/);
  });

  test('browsers that are signed in are listed, and signed out', async () => {
    const { path } = await json(['person', 'link', welcome.firstSignIn.handle]);
    const answer = await fetch(`${welcome.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Firefox/139.0 (X11; Linux x86_64)' },
      body: JSON.stringify({ code: path.split('#')[1] }),
    });
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const look = async () => (await fetch(`${welcome.url}/api/v1/me`, { headers: { cookie } })).status;
    assert.equal(await look(), 200);
    const line =
      /^(ses_\w+) +(\S+) +Firefox on Linux +signed in (?:now|[\d.]+ s ago) +last used (?:now|[\d.]+ s ago) +ends in 12 h$/m;
    const [, id, person] = line.exec(done(await liftlock(['session', 'list'])).stdout)!;
    assert.equal(person, welcome.firstSignIn.handle);
    assert.deepEqual(await json(['session', 'list', '--all']), await json(['session', 'list', '--person', person!]));
    assert.equal(done(await liftlock(['session', 'end', id!])).stdout, `ended: ${id}\n`);
    assert.equal(await look(), 401);
    const again = await liftlock(['session', 'end', id!]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /there is no session ses_\w+\n.*liftlock session list/);
  });

  test('the matrix is printed as it is enforced, in three forms that say the same', async () => {
    const { rules, kinds } = await json(['access', 'matrix']);
    const cells: string[] = rules.flatMap(
      ({ action, scope, allows }: { action: string; scope: string; allows: Record<string, string[]> }) =>
        Object.entries(allows).flatMap(([role, allowed]) =>
          (scope === 'environment' ? kinds.filter((kind: string) => allowed.includes(kind)) : ['']).map(
            (kind: string) => `${action},${scope},${role},${kind}`,
          ),
        ),
    );
    const csv = done(await liftlock(['access', 'matrix', '--csv']))
      .stdout.trim()
      .split('\n');
    assert.equal(csv[0], 'action,about,role,kind');
    assert.deepEqual(
      csv
        .slice(1)
        .filter((line) => !line.includes(',self,'))
        .toSorted(),
      cells.toSorted(),
    );
    const text = done(await liftlock(['access', 'matrix'])).stdout;
    assert.match(text, /^promotion:create +environment .*dev$/m);
    assert.match(text, /^person:manage +installation +- +- +- +- +- +- +- +yes +-$/m);
  });

  test('a browser signs a command line in, at an OpenID provider', async () => {
    await json(['person', 'add', 'bea', '--email', 'bea@example.org']);
    provider.become({ subject: 'office-bea', email: 'bea@example.org', verified: true });
    const desk = { cwd: stage.scratch, env: { HOME: join(stage.scratch, 'bea'), LIFTLOCK_URL: welcome.url } };
    const login = stage.start(['login'], desk);
    await login.says(/sign in with the office:\n {2}http\S+\n/);
    const [start] = /http\S+/.exec(login.stderr())!;
    const leaving = await fetch(start, { redirect: 'manual' });
    const cookie = leaving.headers.get('set-cookie')!.split(';')[0]!;
    const back = await provider.visit(leaving.headers.get('location')!);
    const came = await fetch(back, { redirect: 'manual', headers: { cookie } });
    const here = came.headers.get('location')!;
    assert.equal((await fetch(here.replace(/state=[^&]+/, 'state=of-another'))).status, 404);
    assert.equal((await fetch(here)).status, 200);
    assert.match(done(await login.ended).stdout, /^signed in to .* as bea until /);
    assert.equal((await json(['whoami'], desk)).handle, 'bea');
  });

  test('a CI job that nobody let in gets no token, and what lets one in is checked', async () => {
    const unpinned = ['--issuer', 'https://ci.example', '--audience', 'us', '--claim', 'repository=ann/shop'];
    const refused = await liftlock(['machine', 'add', 'ci', ...unpinned]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /leave open the repository, by its id/);
    const claims = ['repository_id=1', 'workflow_ref=ci', 'event_name=push'];
    done(
      await liftlock([
        'machine',
        'add',
        'ci',
        '--issuer',
        'https://ci.example',
        '--audience',
        'us',
        '--claim',
        ...claims,
      ]),
    );
    assert.match((await liftlock(['machine', 'list'])).stdout, /^machine:ci +on corner +https:\/\/ci.example/);
    const stranger = await liftlock(['token', 'exchange'], { input: 'e30.e30.x' });
    assert.deepEqual([stranger.code, stranger.stdout], [4, '']);
    done(await liftlock(['machine', 'disable', 'ci']));
  });
});
