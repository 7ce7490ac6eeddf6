import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { administratorsFinding, auditFinding, signersFinding } from './installation.ts';
import {
  backupFinding,
  commitsFinding,
  diskFinding,
  encryptionFinding,
  gitFinding,
  homeFinding,
  limitsFinding,
  nodeFinding,
  userFinding,
} from './machine.ts';
import {
  emergenciesFinding,
  environmentsFinding,
  notificationsFinding,
  proposalFinding,
  repositoryFinding,
  trustFinding,
} from './project.ts';

describe('a look at a machine', () => {
  test('versions are compared by number, and what is missing is a problem', () => {
    const results = ['20.19.0', '22.17.1', '22.18.0', '24.1.0', '100.0.0'].map((one) => nodeFinding(one).result);
    assert.deepEqual(results, ['problem', 'problem', 'ok', 'ok', 'ok']);
    assert.equal(gitFinding(undefined).result, 'problem');
    assert.equal(gitFinding('git version 2.9.1').result, 'warning');
    assert.equal(gitFinding('git version 2.39.5 (Apple Git-154)').result, 'ok');
  });

  test('little disk, an open home, root, and no copy of the database are told with what mends them', () => {
    assert.deepEqual(diskFinding(1024 ** 3), {
      result: 'warning',
      found: '1.0 GiB free',
      todo: 'artifacts and databases want 2 GiB or more',
    });
    assert.equal(diskFinding(3 * 1024 ** 3).todo, null);
    assert.match(homeFinding('/srv/liftlock', true).todo ?? '', /chmod 700 \/srv\/liftlock/);
    assert.equal(homeFinding('/srv/liftlock', false).result, 'ok');
    assert.equal(userFinding(true).result, 'warning');
    assert.match(limitsFinding(false, ['shop/staging']).found, /memory, cpu and processes of shop\/staging are not/);
    assert.deepEqual([limitsFinding(true, ['a/b']).result, limitsFinding(false, []).result], ['ok', 'ok']);
    assert.equal(userFinding(false).result, 'ok');
    assert.match(backupFinding(true, '/srv/liftlock').todo ?? '', /copy \/srv\/liftlock/);
    assert.equal(backupFinding(false, '/srv/liftlock').result, 'ok');
  });

  test('without a repository there is nothing to deploy, and without a commit nothing yet', () => {
    const of = (commits: Parameters<typeof commitsFinding>[1]) => commitsFinding('/srv/shop', commits).result;
    assert.deepEqual([of('no repository'), of('none'), of('some')], ['problem', 'warning', 'ok']);
  });

  test('beyond this machine it takes TLS', () => {
    const of = (isReachable: boolean, isBehindTls: boolean) => encryptionFinding({ isReachable, isBehindTls }).result;
    assert.deepEqual([of(false, false), of(true, true), of(true, false)], ['ok', 'ok', 'problem']);
  });
});

describe('a look at an installation', () => {
  test('one administrator is one too few, none is a problem', () => {
    assert.equal(administratorsFinding([]).result, 'problem');
    assert.match(administratorsFinding(['ann']).found, /^ann is the only administrator/);
    assert.equal(administratorsFinding(['ann', 'ben']).result, 'ok');
  });

  test('an audit log that lost something is a problem', () => {
    assert.deepEqual([auditFinding(0).result, auditFinding(2).result], ['ok', 'problem']);
  });

  test('without a key that counts nothing can reach staging where signatures are asked for', () => {
    assert.equal(signersFinding(0, []).result, 'ok');
    assert.equal(signersFinding(1, ['shop']).found, 'one key counts');
    assert.match(signersFinding(0, ['shop', 'bank']).found, /shop, bank ask for signatures/);
    assert.equal(signersFinding(0, ['shop']).result, 'problem');
  });
});

describe('a look at a project', () => {
  test('what the pipeline asks of nobody is told', () => {
    const strict = { signatures: 'strict', separation: 'two-person', breakGlass: 'none' } as const;
    assert.equal(trustFinding(strict).result, 'ok');
    assert.match(trustFinding({ ...strict, signatures: 'none' }).todo ?? '', /^trust\.signatures: strict/);
    assert.match(trustFinding({ ...strict, separation: 'none' }).todo ?? '', /^trust\.separation: two-person/);
  });

  test('a failure comes before what is empty', () => {
    const [bad, empty] = [
      { name: 'staging', running: { verdict: 'FAIL' } },
      { name: 'production', running: null },
    ];
    assert.equal(environmentsFinding([bad!, empty!]).found, 'not verified: staging');
    assert.equal(environmentsFinding([empty!]).todo, 'liftlock why latest production');
    assert.equal(environmentsFinding([{ name: 'staging', running: { verdict: 'PASS' } }]).result, 'ok');
  });

  test('a repository, notifications, emergencies and proposals', () => {
    assert.equal(repositoryFinding({ url: '/srv/shop', error: 'not there' }).todo, 'make /srv/shop reachable');
    assert.equal(repositoryFinding({ url: '/srv/shop', error: null }).result, 'ok');
    assert.equal(notificationsFinding({ undelivered: 3, channels: 1 }).result, 'problem');
    assert.equal(notificationsFinding({ undelivered: 0, channels: 0 }).result, 'warning');
    assert.equal(notificationsFinding({ undelivered: 0, channels: 1 }).result, 'ok');
    assert.equal(emergenciesFinding([]).result, 'ok');
    assert.match(emergenciesFinding(['fup_1']).todo ?? '', /close fup_1/);
    assert.equal(proposalFinding(undefined).result, 'ok');
    assert.match(proposalFinding('ann').found, /proposed by ann/);
  });
});
