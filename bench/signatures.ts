/**
 * 1,000 SSH-signed commits, from the name of the branch to 1,000 answers, in turns with `git log --format=%G?` on the
 * same copy of the repository. Needs ssh-keygen, which Git asks.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { createGitSource } from '../src/adapters/git/source.ts';
import { createSignatures } from '../src/adapters/signatures/signatures.ts';
import { instant } from '../src/domain/base/time.ts';
import type { SignedObject } from '../src/domain/trigger/signed-object.ts';
import { ownEd25519, type OwnKey } from '../test/contracts/signatures/ssh-keys.ts';
import { median, timed, type Measured } from './figures.ts';
import { inScratch } from './scratch.ts';

const count = 1_000;
const turns = 5;

export function signatures(): Promise<Measured> {
  return inScratch(async (directory) => {
    const key = ownEd25519();
    const source = createGitSource({ directory: join(directory, 'copies') });
    const repository = { key: 'prj_shop', url: await makeRepository(directory, key) };
    const [tip] = await source.fetch(repository);
    const copy = join(directory, 'copies', 'prj_shop.git');
    const allowed = join(directory, 'allowed_signers');
    await writeFile(allowed, `ada ${key.publicKey}\n`);
    const verifier = createSignatures();
    const keys = await verifier.readPublicKeys(key.publicKey);
    const first = execFileSync('git', [`--git-dir=${copy}`, 'rev-list', '--max-parents=0', tip!.commit]);
    const from = first.toString().trim();

    const ours = async () => {
      const { commits } = await source.firstParents(repository, { from, to: tip!.commit, limit: count });
      const readings = await source.objects(repository, commits);
      const objects = readings.flatMap((reading): SignedObject[] => (reading.readable ? [reading.object] : []));
      const answers = await verifier.verify(objects, { keys, at: instant(Date.now()) });
      requireAll(answers.filter((answer) => answer.good).length, 'Liftlock');
    };
    const git = () => {
      const options = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`, `--git-dir=${copy}`];
      const log = execFileSync('git', [...options, 'log', '--format=%G?', `${from}..${tip!.commit}`]);
      requireAll(log.toString().match(/^G$/gm)?.length ?? 0, 'git log');
    };

    const [oursMs, gitMs]: [number[], number[]] = [[], []];
    await ours();
    for (let turn = 0; turn < turns; turn++) {
      gitMs.push(await timed(git));
      oursMs.push(await timed(ours));
    }
    return {
      setup: { commits: count, turns, key: 'ed25519' },
      figures: [
        { what: 'Liftlock: list, read, hash and verify, median', value: median(oursMs), unit: 'ms' },
        { what: 'git log --format=%G?, median', value: median(gitMs), unit: 'ms' },
        {
          what: 'Git / Liftlock',
          value: median(gitMs) / median(oursMs),
          unit: 'times',
          aim: { is: 'at least', value: 10 },
        },
      ],
    };
  });
}

function requireAll(good: number, who: string): void {
  if (good !== count) throw new Error(`${who} found ${good} of ${count} signatures good`);
}

/** One unsigned commit and the signed ones on it, written as Git stores them: signing through Git would take minutes. */
async function makeRepository(directory: string, key: OwnKey): Promise<string> {
  const repository = join(directory, 'shop');
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: repository, input: '' }).toString().trim();
  await mkdir(repository);
  git('init', '--quiet', '--initial-branch=main');
  const tree = git('hash-object', '-w', '-t', 'tree', '/dev/null');
  const person = (at: number) => `Ada Example <ada@example.org> ${1_700_000_000 + at} +0000`;
  let parent = '';
  for (let number = 0; number <= count; number++) {
    const head = `tree ${tree}\n${parent}author ${person(number)}\ncommitter ${person(number)}\n`;
    const message = `\nchange ${number}\n`;
    const armor =
      number === 0
        ? ''
        : `gpgsig ${key
            .forge(head + message)
            .trimEnd()
            .replaceAll('\n', '\n ')}\n`;
    parent = `parent ${await store(repository, head + armor + message)}\n`;
  }
  git('update-ref', 'refs/heads/main', parent.trim().slice('parent '.length));
  return repository;
}

async function store(repository: string, commit: string): Promise<string> {
  const object = Buffer.from(`commit ${Buffer.byteLength(commit)}\0${commit}`);
  const id = createHash('sha1').update(object).digest('hex');
  const folder = join(repository, '.git', 'objects', id.slice(0, 2));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, id.slice(2)), deflateSync(object));
  return id;
}
