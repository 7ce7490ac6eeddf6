/** People on the command line: who is let in, how, and what is told of it. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipeline } from './corner.ts';
import { openStage, type Answer, type Running, type Stage, type Wish } from './stage.ts';

describe('people on the command line', () => {
  let stage: Stage;
  let up: Running;
  let welcome: { url: string; tokenFile: string; firstSignIn: { handle: string; link: string } };

  before(async () => {
    stage = await openStage();
    await stage.commit('first change', { 'liftlock.yaml': pipeline(stage.scratch), 'check.sh': 'exit 0\n' });
    up = stage.start(['up', '--port', '0', '--json']);
    await up.says(/^\}$/m);
    welcome = JSON.parse(up.stdout());
  });
  after(() => stage?.close());

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
});
