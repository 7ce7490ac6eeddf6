import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipeline } from './corner.ts';
import type { FreezeView } from '../../src/api/contract/freezes.ts';
import { canMakeTerminals, openStage, until, type Answer, type Running, type Stage } from './stage.ts';
import { wrongCommands, type WrongCommand } from './wrong-commands.ts';

const escape = String.fromCharCode(27);
const colour = new RegExp(`${escape}\\[\\d+m`);
const brokenFile = 'version: 1\nproject: x\nenvironments: []\nfoo: 1\n';
const problems = [
  'liftlock.yaml:3:15 environments: expected at least one environment, got an empty list',
  'liftlock.yaml:4:1 foo: no such key here (the keys here are version, project, source, build, service, trust, environments)',
];
const noTerminal = canMakeTerminals ? false : 'python3 is not here to make a terminal';

describe('the command line', { timeout: 300_000 }, () => {
  let stage: Stage;
  let server: Running;
  let places: Record<NonNullable<WrongCommand['in']>, string>;

  before(async () => {
    stage = await openStage();
    places = {
      repository: stage.repository,
      empty: join(stage.scratch, 'empty'),
      folder: join(stage.scratch, 'folder'),
      broken: join(stage.scratch, 'broken'),
    };
    for (const place of [places.empty, places.broken, places.folder]) await mkdir(place);
    for (const place of [places.empty, places.broken]) execFileSync('git', ['init', '--quiet', place]);
    await writeFile(join(places.broken, 'liftlock.yaml'), brokenFile);
    await writeFile(join(places.folder, 'liftlock.yaml'), pipeline(stage.scratch));
    await stage.commit('the first', { 'liftlock.yaml': pipeline(stage.scratch), 'check.sh': 'test ! -e broken\n' });
    server = stage.start(['up', '--port', '0']);
    await server.says(/Liftlock is up: corner/);
    await verifiedIn('testing', 1);
  });
  after(() => stage.close());

  /** Waits until the release of this number runs in the environment and is verified there. */
  async function verifiedIn(environment: string, number: number): Promise<void> {
    let last = '';
    await until(
      async () => {
        const status = await stage.get<Status>('/api/v1/projects/corner/status');
        last = JSON.stringify(status);
        const found = status.environments.find(({ name }) => name === environment);
        return found?.active === null && found.running?.release.number === number && found.running.verdict === 'PASS';
      },
      () => `release #${number} was not verified in ${environment}: ${last}\n${server.stderr()}`,
    );
  }

  /** Runs it for a person and for a program, and answers what each got. */
  async function bothWays(
    args: readonly string[],
    input = '',
  ): Promise<{ person: Answer; program: Answer; document: unknown }> {
    const program = await stage.liftlock([...args, '--json'], { input });
    const person = await stage.liftlock(args, { input });
    return { person, program, document: parse(program) };
  }

  function parse(answer: Answer): unknown {
    try {
      return JSON.parse(answer.stdout);
    } catch {
      return assert.fail(`standard output is not one JSON document:\n${answer.stdout}\n${answer.stderr}`);
    }
  }

  test('what only asks exits with 0, with the answer on standard output and nothing on standard error', async () => {
    const questions = [
      'status',
      'why 1 production',
      'plan 1 production',
      'release list',
      'release show 1',
      'logs testing',
      'events',
      'doctor',
      'apply --check',
      'verify main',
      'signer list',
      'freeze --list',
      'apply',
    ];
    await threeAtOnce(questions, async (question) => {
      const { person, program, document } = await bothWays(question.split(' '));
      assert.deepEqual([person.code, person.stderr], [0, ''], question);
      assert.deepEqual([program.code, program.stderr], [0, ''], question);
      assert.ok(typeof document === 'object' && document !== null, question);
      assert.notEqual(person.stdout.trim(), '', question);
      assert.throws(() => JSON.parse(person.stdout), question);
      assert.doesNotMatch(person.stdout, colour, question);
    });
  });

  test('the bare command, --help and --version need neither a server nor a file', async () => {
    const bare = await stage.liftlock([], { cwd: places.folder });
    const help = await stage.liftlock(['--help'], { cwd: places.folder });
    assert.deepEqual([bare.code, bare.stderr, bare.stdout], [0, '', help.stdout]);
    assert.match(bare.stdout, /Three things to start with:\n(  \$ liftlock .+\n){3}/);
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    assert.deepEqual(await stage.liftlock(['--version'], { cwd: places.folder }), {
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
    const help2 = await stage.liftlock(['rollback', '--help'], { cwd: places.folder });
    assert.match(help2.stdout, /Usage: liftlock rollback \[options\] \[environment\]/);
  });

  test('doctor says what `up` would stumble over: no repository, nothing committed, a home that cannot be made', async () => {
    const found = async (cwd: string, home?: string) => {
      const env: Record<string, string> = home === undefined ? {} : { LIFTLOCK_HOME: home };
      const { code, stdout } = await stage.liftlock(['doctor', '--json'], { cwd, env });
      const { findings } = JSON.parse(stdout) as { findings: readonly { check: string; result: string }[] };
      const of = (check: string) => findings.find((finding) => finding.check === check)?.result;
      return [code, of('commits'), of('home')];
    };
    assert.deepEqual(await found(places.folder), [1, 'problem', 'ok']);
    assert.deepEqual(await found(places.broken), [1, 'warning', 'ok']);
    assert.deepEqual(await found(places.folder, '/proc/home'), [1, 'problem', 'problem']);
  });

  test('at least thirty wrong commands say exactly what is wrong and what to do', async () => {
    assert.ok(wrongCommands.length >= 30);
    const url = /API +(\S+)\/api\/v1 /.exec(server.stdout())?.[1] ?? assert.fail(server.stdout());
    const names: Record<string, string> = {
      ...places,
      url,
      pid: String(server.child.pid),
      'problem 1': problems[0]!,
      'problem 2': problems[1]!,
    };
    const fill = (text: string): string =>
      text.replaceAll(/\{([a-z 0-9]+)\}/g, (all, name: string) => names[name] ?? all);
    const attempt = async (wrong: WrongCommand): Promise<void> => {
      const env = Object.fromEntries(Object.entries(wrong.env ?? {}).map(([name, value]) => [name, fill(value)]));
      const answer = await stage.liftlock(wrong.args, {
        cwd: places[wrong.in ?? 'repository'],
        env,
        input: wrong.input ?? '',
      });
      const typed = `liftlock ${wrong.args.join(' ')}`;
      assert.equal(answer.stderr, `${wrong.says.map(fill).join('\n')}\n`, typed);
      assert.deepEqual([answer.code, answer.stdout], [wrong.code, ''], typed);
    };
    await threeAtOnce(wrongCommands, attempt);
  });

  test('evidence is brought, listed and shown; what does not pass is exit code 3', async () => {
    const good = '<testsuite tests="1"><testcase name="adds"/></testsuite>';
    const bad = '<testsuite tests="1"><testcase name="adds"><failure/></testcase></testsuite>';
    const passed = await bothWays(['evidence', 'add', '1', '-', '--name', 'unit', '--env', 'testing'], good);
    assert.deepEqual([passed.person.code, passed.person.stderr], [0, '']);
    assert.match(passed.person.stdout, /^PASS tests unit: 1 tests, 0 failed.*\n {2}evd_\w+, claimed by \w/);
    const failed = await bothWays(['evidence', 'add', '1', '-', '--expires', '7d'], bad);
    assert.deepEqual([failed.person.code, failed.program.code], [3, 3]);
    const { id, content } = passed.document as { id: string; content: string };
    assert.match(
      (await stage.liftlock(['evidence', 'list', '1'])).stdout,
      new RegExp(`PASS +tests +unit +testing +claimed .*${id}`),
    );
    assert.match(
      (await stage.liftlock(['evidence', 'show', id])).stdout,
      new RegExp(`signature +nobody has signed it[^]*${content}`),
    );
    assert.deepEqual(await stage.liftlock(['evidence', 'show', id, '--raw']), { code: 0, stdout: good, stderr: '' });
    const { document } = await bothWays(['evidence', 'list', '1']);
    const [own] = (document as { evidence: { id: string; by: string }[] }).evidence.filter(
      ({ by }) => by === 'system:engine',
    );
    assert.match(
      (await stage.liftlock(['evidence', 'show', own!.id])).stdout,
      /signature +valid: signed by this installation/,
    );
    const strange = await stage.liftlock(['evidence', 'add', '1', '-'], { input: 'all good' });
    assert.equal(strange.code, 2);
    assert.match(strange.stderr, /written in no format that Liftlock reads\n.*junit, sarif/);
  });

  test('a machine whose key an administrator registered attests, until the key is revoked', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const file = join(stage.scratch, 'ci.pem');
    await writeFile(file, publicKey.export({ type: 'spki', format: 'pem' }));
    const added = await stage.liftlock(['evidence', 'signer', 'add', 'ci', file, '--kinds', 'tests,load']);
    assert.deepEqual([added.code, added.stderr], [0, '']);
    const { document } = await bothWays(['release', 'show', '1']);
    const { artifact } = (document as { release: { artifact: string } }).release;
    const payload = Buffer.from(
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'corner', digest: { sha256: artifact.slice(7) } }],
        predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
        predicate: {
          result: 'PASSED',
          configuration: [],
          passedTests: ['adds'],
          timeCreated: new Date().toISOString(),
        },
      }),
    );
    const type = 'application/vnd.in-toto+json';
    const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
    const signatures = [{ sig: sign(null, signed, privateKey).toString('base64') }];
    const envelope = JSON.stringify({ payloadType: type, payload: payload.toString('base64'), signatures });
    assert.match(
      (await stage.liftlock(['evidence', 'add', '1', '-'], { input: envelope })).stdout,
      /attested by signer:ci/,
    );
    assert.match(
      (await stage.liftlock(['evidence', 'signer', 'list'])).stdout,
      /^ci +in force +tests,load +every project +sha256:/,
    );
    const revoked = await stage.liftlock(['evidence', 'signer', 'revoke', 'ci', '--reason', 'lost']);
    assert.deepEqual([revoked.code, revoked.stderr], [0, '']);
    const refused = await stage.liftlock(['evidence', 'add', '1', '-'], { input: envelope });
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /SIGNER_REVOKED/);
  });

  test('under --json a problem is a document in the shape of RFC 9457, whoever found it', async () => {
    const tries: readonly (readonly [args: readonly string[], code: string, status: number, exit: number])[] = [
      [['statsu'], 'input/invalid', 400, 2],
      [['why', '99', 'testing'], 'release/unknown', 404, 2],
      [['rollback', 'testing'], 'rollback/no-target', 409, 3],
      [['apply', 'other.yaml'], 'pipeline/missing', 404, 2],
      [['release-hold', 'testing'], 'input/invalid', 400, 2],
    ];
    for (const [args, code, status, exit] of tries) {
      const answer = await stage.liftlock([...args, '--json']);
      const problem = parse(answer) as Record<string, unknown>;
      assert.equal(answer.code, exit, answer.stdout);
      assert.deepEqual(
        [problem['code'], problem['status'], problem['type']],
        [code, status, `urn:liftlock:problem:${code.replace('/', ':')}`],
      );
      assert.ok(
        typeof problem['title'] === 'string' && typeof problem['detail'] === 'string' && problem['detail'] !== '',
      );
    }
  });

  test('exit code 4: a token that is not known; 1: a server that is not there', async () => {
    assert.equal((await stage.liftlock(['status'], { env: { LIFTLOCK_TOKEN: 'wrong' } })).code, 4);
    assert.equal((await stage.liftlock(['status'], { cwd: places.empty })).code, 1);
  });

  test('exit code 8: a promotion that waits for a person; 0 after the approval', async () => {
    const waiting = await stage.liftlock(['promote', '1', 'production']);
    assert.equal(waiting.code, 8, waiting.stderr);
    assert.match(waiting.stdout, /^waiting: prm_\w+; liftlock why 1 production\n$/);
    assert.match(waiting.stderr, /^could approve: \S+ \(.*\)\n/, 'who could approve is told before it waits for them');
    assert.match(waiting.stderr, /production: waiting: 0 of 1 approvals\n$/);
    const { planHash } = JSON.parse((await stage.liftlock(['plan', '1', 'production', '--json'])).stdout) as {
      planHash: string;
    };
    const approved = await stage.liftlock(['approve', '1', 'production', '--plan', planHash, '--reason', 'read it']);
    assert.deepEqual([approved.code, approved.stderr], [0, '']);
    await verifiedIn('production', 1);
    const again = await stage.liftlock(['reverify', 'production']);
    assert.deepEqual([again.code, again.stdout], [0, 'PASS: check: exited with 0\n']);
  });

  test('exit code 3: a plan that has changed since it was read is refused', async () => {
    await stage.liftlock(['promote', '1', 'production', '--no-wait']);
    const stale = await stage.liftlock(['approve', '1', 'production', '--plan', `sha256:${'0'.repeat(64)}`]);
    assert.deepEqual([stale.code, stale.stdout], [3, '']);
    assert.match(stale.stderr, /^error: the plan for release #1 in production has changed since it was read\n/);
    const rejected = await stage.liftlock(['reject', '1', 'production', '--json']);
    assert.equal((parse(rejected) as { decision: string }).decision, 'reject', rejected.stderr);
  });

  test('exit code 7: gave up waiting while it goes on, and it can be aborted', async () => {
    const gaveUp = await stage.liftlock(['promote', '1', 'slow', '--timeout', '1s']);
    assert.equal(gaveUp.code, 7, gaveUp.stderr);
    assert.match(gaveUp.stderr, /error: promotion prm_\w+ is still running after 1s\n  → liftlock why 1 slow\n$/);
    const promotion = /prm_\w+/.exec(gaveUp.stderr)![0];
    // In a hurry one knows where, and no id.
    const abort = await stage.liftlock(['abort', 'slow', '--reason', 'no time']);
    assert.deepEqual([abort.code, abort.stdout.startsWith(`${promotion} is being stopped`)], [0, true], abort.stderr);
    await until(
      async () => (await stage.liftlock(['why', '1', 'slow'])).stdout.includes('aborted'),
      () => 'the promotion was not aborted',
    );
    assert.equal((await stage.liftlock(['abort', promotion])).code, 3);
    const { stdout } = await stage.liftlock(['events', '--kind', 'promotion.ended', '--environment', 'slow']);
    assert.match(stdout, / promotion\.ended .* environment=slow release=#1 .*outcome=aborted/);
    const none = await stage.liftlock(['events', '--kind', 'freeze.set', '--environment', 'testing']);
    assert.deepEqual([none.code, none.stdout], [0, 'no such event\n']);
  });

  test('exit code 5: the deployment failed, and where to read more', async () => {
    await stage.commit('the broken one', { broken: '' });
    await stage.liftlock(['notify']);
    await until(
      async () => (await stage.liftlock(['release', 'list'])).stdout.includes('#2'),
      () => `release #2 was not built\n${server.stderr()}`,
    );
    await verifiedIn('development', 2);
    await until(
      async () => (await stage.liftlock(['why', '2', 'testing'])).stdout.includes('check: exited with 1'),
      () => 'testing did not refuse #2',
    );
    const failed = await stage.liftlock(['promote', '2', 'testing']);
    assert.equal(failed.code, 5, failed.stderr);
    assert.match(failed.stdout, /^promotion of release #2 to testing failed after .*: check: exited with 1/);
  });

  test('what people set is shown, and is lifted only after a yes', async () => {
    const steps: readonly (readonly [string, RegExp])[] = [
      ['hold slow --reason lunch', /on hold; people may still promote/],
      ['release-hold slow --yes', /automation goes on: slow/],
      ['pin slow 1', /slow is pinned to #1 the first/],
      ['unpin slow --yes', /unpinned: slow/],
      ['veto 2 slow', /release 2 is vetoed in slow/],
      ['veto 2 slow --lift', /the veto of release 2 in slow is lifted/],
    ];
    for (const [line, said] of steps) {
      const answer = await stage.liftlock(line.split(' '));
      assert.equal(answer.code, 0, `${line}: ${answer.stderr}`);
      assert.match(answer.stdout, said);
      if (line.startsWith('hold'))
        assert.match((await stage.liftlock(['status'])).stdout, /slow: on hold by .*: lunch/);
    }
    const { freeze } = parse(await stage.liftlock(['freeze', 'slow', '--until', '1h', '--json'])) as { freeze: string };
    assert.match((await stage.liftlock(['freeze', '--list'])).stdout, new RegExp(freeze));
    assert.equal((await stage.liftlock(['freeze', '--lift', freeze])).stdout, `freeze ${freeze} is lifted\n`);
    assert.equal((await stage.liftlock(['freeze', '--list'])).stdout, 'nothing is frozen\n');
  });

  test('R27: a freeze that begins later is shown as one to come, and can be called off', async () => {
    const set = await stage.liftlock(['freeze', 'slow', '--from', '2h', '--until', '1h', '--reason', 'sale', '--json']);
    const { freeze } = parse(set) as { freeze: string };
    const { freezes } = parse(await stage.liftlock(['freeze', '--list', '--json'])) as { freezes: FreezeView[] };
    const [only] = freezes;
    assert.deepEqual([only!.id, only!.inForce, only!.until! - only!.from], [freeze, false, 3_600_000]);
    assert.match((await stage.liftlock(['freeze', '--list'])).stdout, / slow +from 2\S+Z +until 2\S+Z /);
    assert.match(
      (await stage.liftlock(['status'])).stdout,
      new RegExp(`slow: to be frozen by \\S+ from \\S+Z until \\S+Z: sale \\(${freeze}\\)`),
    );
    assert.equal((await stage.liftlock(['freeze', '--lift', freeze])).stdout, `freeze ${freeze} is lifted\n`);
    assert.doesNotMatch((await stage.liftlock(['status'])).stdout, /frozen/);
  });

  test('a secret is read from standard input and never shown', async () => {
    const { person, program } = await bothWays(['secret', 'set', 'API_KEY', '--environment', 'slow'], 'correct horse');
    assert.deepEqual([person.code, program.code], [0, 0]);
    for (const text of [person, program].flatMap(({ stdout, stderr }) => [stdout, stderr]))
      assert.doesNotMatch(text, /correct horse/);
    const kept = join(stage.repository, '.liftlock', 'secrets', 'corner', 'slow', 'API_KEY');
    assert.equal(await readFile(kept, 'utf8'), 'correct horse');
    assert.equal(person.stderr, '');
    const slip = await stage.liftlock(['secret', 'set', 'API_KEY', '--environment', 'solw'], {
      input: 'correct horse',
    });
    assert.equal(
      slip.stderr,
      'there is no environment solw yet; environments: development, testing, slow, production\n',
    );
  });

  test('exit code 130: Ctrl-C ends what watches, whose lines are documents under --json', async () => {
    for (const args of [
      ['status', '--watch', '--json'],
      ['events', '--watch', '--json', '--number', '3'],
    ]) {
      const watching = stage.start(args);
      await watching.says(/\}\n/);
      watching.child.kill('SIGINT');
      const answer = await watching.ended;
      assert.equal(answer.code, 130, answer.stderr);
      const lines = answer.stdout.trim().split('\n');
      for (const line of lines) assert.ok(typeof JSON.parse(line) === 'object', line);
      assert.equal(answer.stderr, '');
    }
  });

  test('exit code 141: whoever reads an answer may have had enough of it', async () => {
    for (const args of [['--help'], ['status'], ['events', '--watch']]) {
      const asked = stage.start(args);
      asked.child.stdout!.destroy();
      const { code, stderr } = await asked.ended;
      assert.deepEqual([code, stderr], [141, ''], args.join(' '));
    }
  });

  test('status says when the file here is not the one in force', async () => {
    const file = join(stage.repository, 'liftlock.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('poll: 1s', 'poll: 2s'));
    const differs = await stage.liftlock(['status']);
    assert.equal(
      differs.stderr,
      'liftlock.yaml says something else than what is in force; liftlock apply puts it in force\n',
    );
    await mkdir(join(stage.repository, 'deeper'), { recursive: true });
    const applied = await stage.liftlock(['apply', '--json'], { cwd: join(stage.repository, 'deeper') });
    assert.equal((parse(applied) as { changed: boolean }).changed, true);
    assert.equal((await stage.liftlock(['status'])).stderr, '');
    await writeFile(file, text);
    assert.equal((await stage.liftlock(['apply'])).code, 0);
  });

  test('on a terminal, rollback is a picker: [1] is the last good release', { skip: noTerminal }, async () => {
    await stage.commit('the third', { 'readme.txt': 'three' });
    await stage.git('rm', '--quiet', 'broken');
    await stage.commit('the fourth', {});
    await stage.liftlock(['notify']);
    await until(
      async () => (await stage.liftlock(['release', 'list'])).stdout.includes('the fourth'),
      () => `the fourth was not built\n${server.stderr()}`,
    );
    const { release } = parse(await stage.liftlock(['release', 'show', 'latest', '--json'])) as {
      release: { number: number };
    };
    await verifiedIn('development', release.number);
    await stage.liftlock(['release-hold', 'testing', '--yes']);
    const forward = await stage.liftlock(['promote', 'latest', 'testing']);
    assert.ok(forward.code === 0 || /runs in testing/.test(forward.stderr), forward.stdout + forward.stderr);
    await verifiedIn('testing', release.number);
    const picker = stage.terminal(['rollback', '--timeout', '1m']);
    await picker.says(/Which environment should go back\?[^]*\[1\] (production|testing)[^]*Which one\? \[1\]/);
    const line = /\[(\d)\] testing/.exec(picker.stdout())?.[1] ?? assert.fail(picker.stdout());
    picker.type(`${line}\n`);
    await picker.says(/Go back to which release in testing\?\s+\[1\] #1 the first \(ran until [^]*Which one\? \[1\]/);
    picker.type('\n');
    const { code, stdout } = await picker.ended;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /rollback of release #1 to testing succeeded/);
    assert.match(stdout, /automation of testing is on hold; liftlock release-hold testing lets it go on/);
  });

  test('nobody is asked under CI or --no-input, not even on a terminal', { skip: noTerminal }, async () => {
    for (const [args, env] of [
      [['release-hold', 'testing'], { CI: 'true' }],
      [['release-hold', 'testing', '--no-input'], {}],
      [['rollback'], { CI: '1' }],
    ] as const) {
      const { code, stdout } = await stage.terminal(args, { env }).ended;
      assert.equal(code, 2, stdout);
      assert.doesNotMatch(stdout, /\[y\/N\]|\[1\]/);
    }
    const asked = stage.terminal(['release-hold', 'testing']);
    await asked.says(/Go on\? \[y\/N\]/);
    asked.type('n\n');
    assert.equal((await asked.ended).code, 2);
  });

  test('colours only on a terminal, and not there with NO_COLOR or TERM=dumb', { skip: noTerminal }, async () => {
    const colourful = await stage.terminal(['status']).ended;
    assert.ok(colourful.stdout.includes(`${escape}[1mcorner`), colourful.stdout);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const plain = await stage.terminal(['status'], { env }).ended;
      assert.deepEqual([plain.code, colour.test(plain.stdout)], [0, false]);
    }
    assert.doesNotMatch((await stage.terminal(['status', '--json']).ended).stdout, colour);
  });

  test('a server that dies under a command is told; started again, it finishes what was under way', async () => {
    const promoting = stage.start(['promote', '1', 'slow', '--json']);
    await promoting.says(/slow: switching/);
    server.child.kill('SIGKILL');
    const answer = await promoting.ended;
    assert.equal(answer.code, 1, answer.stdout);
    assert.equal((parse(answer) as { code: string }).code, 'server/unreachable');
    await writeFile(join(stage.scratch, 'go'), '');
    server = stage.start(['up', '--port', '0']);
    await server.says(/Liftlock is up: corner/);
    await verifiedIn('slow', 1);
  });

  test('the secret of a webhook is shown once', async () => {
    const added = await stage.liftlock(['webhook', 'add', 'forgejo']);
    const secret = /secret +(whsec_\S+)/.exec(added.stdout)?.[1] ?? assert.fail(added.stdout + added.stderr);
    assert.match(added.stdout, /address +http:\S+\/api\/v1\/projects\/corner\/hooks\/forgejo/);
    const list = await stage.liftlock(['webhook', 'list']);
    assert.match(list.stdout, /^whk_\S+ +forgejo +added .* never used/);
    assert.ok(!list.stdout.includes(secret));
    const id = /^whk_\S+/.exec(list.stdout)![0];
    assert.equal((await stage.liftlock(['webhook', 'add', 'sourcehut'])).code, 2);
    assert.equal((await stage.liftlock(['webhook', 'remove', id])).stdout, `removed: ${id}\n`);
    assert.match((await stage.liftlock(['webhook', 'list'])).stdout, /no webhook/);
  });

  test('an environment that left the pipeline is shown until somebody stops it', async () => {
    const file = join(stage.repository, 'liftlock.yaml');
    const text = await readFile(file, 'utf8');
    const tooEarly = await stage.liftlock(['stop', 'slow', '--yes']);
    assert.deepEqual([tooEarly.code, /slow is in the pipeline/.test(tooEarly.stderr)], [3, true], tooEarly.stderr);
    await writeFile(file, text.replace(/  - name: slow[^]*?(?=  - name: production)/, ''));
    const applied = await stage.liftlock(['apply']);
    assert.match(applied.stdout, /development → testing → production/);
    assert.match(
      (await stage.liftlock(['status'])).stdout,
      /slow .*retired, still serving; liftlock stop slow ends it/,
    );
    const stopped = await stage.liftlock(['stop', 'slow', '--yes', '--reason', 'moved away']);
    assert.deepEqual([stopped.code, stopped.stdout], [0, 'stopped: nothing runs in slow any more\n'], stopped.stderr);
    assert.doesNotMatch((await stage.liftlock(['status'])).stdout, /slow/);
    await writeFile(file, text);
    assert.equal((await stage.liftlock(['apply'])).code, 0);
  });

  test('a record of a server that is gone keeps nobody from starting, whoever has its address now', async () => {
    const url = /API +(\S+)\/api\/v1 /.exec(server.stdout())![1]!;
    const gone = execFileSync(process.execPath, ['-p', 'process.pid']).toString().trim();
    const home = join(stage.scratch, 'home of one gone');
    await mkdir(home);
    await writeFile(join(home, 'server.json'), JSON.stringify({ url, pid: Number(gone), version: '0' }));
    const other = stage.start(['up', '--port', '0', '--home', home]);
    await other.says(/Liftlock is up: corner/);
    // Nobody reads on, and it says that it is stopping: it stops in order all the same.
    for (const stream of [other.child.stdout!, other.child.stderr!]) stream.destroy();
    const down = await stage.liftlock(['down', '--purge', '--yes', '--home', home]);
    assert.match(down.stdout, /^stopped: control plane, 0 services, database; .* is removed\n$/);
    assert.equal((await other.ended).code, 0);
  });

  test('a port that is taken is named, and Ctrl-C ends `up` with 130', async () => {
    const taken = new URL(/API +(\S+)\/api\/v1 /.exec(server.stdout())![1]!).port;
    const refused = await stage.liftlock(['up', '--port', taken, '--home', join(stage.scratch, 'another home')]);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, new RegExp(`error: .*${taken}.*\\n  → .+\\n$`));
    const early = stage.start(['up', '--port', '0', '--home', join(stage.scratch, 'early')]);
    await until(
      async () => early.stderr().includes('starting the embedded PostgreSQL'),
      () => `it did not begin to start\n${early.stderr()}`,
    );
    early.child.kill('SIGINT');
    const broken = await early.ended;
    assert.deepEqual([broken.code, broken.stderr.endsWith('stopped\n')], [130, true], broken.stderr);
    const left = await readdir(join(stage.scratch, 'early', 'postgres', 'cluster', 'data'));
    assert.ok(left.includes('PG_VERSION') && !left.includes('postmaster.pid'), 'its database was left running');
    server.child.kill('SIGINT');
    const ended = await server.ended;
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /stopping\n[^]*stopped\n$/);
    const again = await stage.liftlock(['down', '--json']);
    assert.deepEqual([again.code, (parse(again) as { controlPlane: boolean }).controlPlane], [0, false]);
    const unasked = await stage.liftlock(['down', '--purge']);
    assert.deepEqual([unasked.code, unasked.stdout], [2, '']);
    const home = join(stage.repository, '.liftlock');
    await writeFile(join(home, 'mine'), 'not of Liftlock');
    const purged = await stage.liftlock(['down', '--purge', '--yes']);
    assert.deepEqual([purged.code, await readdir(home)], [0, ['mine']], purged.stderr);
  });
});

/** A command waits for the server more than it works. */
async function threeAtOnce<Item>(items: readonly Item[], attempt: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const take = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await attempt(item);
  };
  await Promise.all([take(), take(), take()]);
}

interface Status {
  readonly environments: readonly {
    readonly name: string;
    readonly active: object | null;
    readonly running: { readonly release: { readonly number: number }; readonly verdict: string | null } | null;
  }[];
}
