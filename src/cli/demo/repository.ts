/** The sample application's own Git repository, and what its people do to it. */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SigningKey } from './signing-key.ts';

const run = promisify(execFile);

export interface Author {
  readonly name: string;
  readonly email: string;
  /** Signs what this person makes; absent for somebody who does not. */
  readonly key?: SigningKey | undefined;
}

export interface SampleRepository {
  readonly directory: string;
  /** True when this run made it. */
  readonly created: boolean;
  /** The text of its pipeline file. */
  pipelineText(): Promise<string>;
  /** The first commit of main, when there is none yet. Answers its id. */
  begin(author: Author): Promise<string>;
  /** Lays a change of `examples/changes` over the shop and commits it to a branch that begins at main. Answers the commit. */
  change(what: { change: string; branch: string; author: Author; note?: string }): Promise<string>;
  /** Merges a branch into main, as its own commit of two parents. Answers it. */
  merge(branch: string, author: Author): Promise<string>;
  /** Commits to main without a branch, as nobody should. Answers the commit. */
  commitToMain(what: { message: string; author: Author }): Promise<string>;
  /** Names a commit by an annotated tag. */
  tag(what: { name: string; commit: string; message: string; author: Author }): Promise<void>;
  head(ref: string): Promise<string>;
  tags(): Promise<readonly string[]>;
  /** Puts main back where it was, as an administrator of the repository would. */
  resetMain(commit: string): Promise<void>;
}

/** Opens the repository in `directory`, made from `examples` at the first time. */
export async function openRepository(directory: string, examples: string): Promise<SampleRepository> {
  const created = !existsSync(join(directory, '.git'));
  if (created) {
    await mkdir(directory, { recursive: true });
    await cp(join(examples, 'shop'), directory, { recursive: true });
    await git(directory, ['init', '--quiet', '--initial-branch=main']);
  }
  const head = async (ref: string) => (await git(directory, ['rev-parse', '--verify', ref])).trim();
  return {
    directory,
    created,
    head,
    tags: async () => (await git(directory, ['tag', '--list'])).split('\n').filter((name) => name !== ''),
    pipelineText: () => readFile(join(directory, 'liftlock.yaml'), 'utf8'),
    async begin(author) {
      await git(directory, ['add', '--all']);
      return commit(directory, { author, message: 'feat: open the bookshop', parents: [], ref: 'refs/heads/main' });
    },
    async change({ change, branch, author, note }) {
      const folder = join(examples, 'changes', change);
      const main = await head('refs/heads/main');
      await git(directory, ['checkout', '--quiet', '--force', '-B', branch, main]);
      await cp(join(folder, 'files'), directory, { recursive: true });
      // A line of its own makes each run's change a new commit, also when the files are what they were.
      await noteDown(directory, `${change}${note === undefined ? '' : ` (${note})`}`);
      await git(directory, ['add', '--all']);
      const message = (await readFile(join(folder, 'message.txt'), 'utf8')).trim();
      return commit(directory, { author, message, parents: [main], ref: `refs/heads/${branch}` });
    },
    async merge(branch, author) {
      const [main, change] = [await head('refs/heads/main'), await head(`refs/heads/${branch}`)];
      await git(directory, ['checkout', '--quiet', '--force', 'main']);
      // Nobody else commits to this main, so the merge is the tree of the branch.
      await git(directory, ['read-tree', '--reset', '-u', change]);
      const parents = [main, change];
      return commit(directory, { author, message: `Merge branch '${branch}'`, parents, ref: 'refs/heads/main' });
    },
    async commitToMain({ message, author }) {
      const main = await head('refs/heads/main');
      await git(directory, ['checkout', '--quiet', '--force', 'main']);
      await noteDown(directory, message);
      await git(directory, ['add', '--all']);
      return commit(directory, { author, message, parents: [main], ref: 'refs/heads/main' });
    },
    async tag({ name, commit: target, message, author }) {
      const text = [
        `object ${target}`,
        'type commit',
        `tag ${name}`,
        `tagger ${signatureLine(author)}`,
        '',
        message,
        '',
      ].join('\n');
      const signed = author.key === undefined ? text : `${text}${author.key.sign(Buffer.from(text))}\n`;
      await git(directory, ['update-ref', `refs/tags/${name}`, await store(directory, 'tag', signed)]);
    },
    async resetMain(target) {
      await git(directory, ['checkout', '--quiet', '--force', '-B', 'main', target]);
    },
  };
}

async function noteDown(directory: string, line: string): Promise<void> {
  const file = join(directory, 'CHANGES.md');
  await writeFile(file, `${await readFile(file, 'utf8').catch(() => '')}- ${line}\n`);
}

interface NewCommit {
  readonly author: Author;
  readonly message: string;
  readonly parents: readonly string[];
  readonly ref: string;
}

/** Written as Git writes it, with the signature in its header. */
async function commit(directory: string, { author, message, parents, ref }: NewCommit): Promise<string> {
  const tree = (await git(directory, ['write-tree'])).trim();
  const who = signatureLine(author);
  const headers = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`];
  const text = (more: readonly string[]) => [...headers, ...more, '', message, ''].join('\n');
  const signature = author.key?.sign(Buffer.from(text([])));
  const signed = text(signature === undefined ? [] : [`gpgsig ${signature.replaceAll('\n', '\n ')}`]);
  const id = await store(directory, 'commit', signed);
  await git(directory, ['update-ref', ref, id]);
  return id;
}

function signatureLine({ name, email }: Author): string {
  return `${name} <${email}> ${Math.floor(Date.now() / 1000)} +0000`;
}

/** Writes an object as it is given; answers its id. */
function store(directory: string, type: string, content: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', directory, 'hash-object', '-t', type, '-w', '--stdin'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let id = '';
    child.stdout.on('data', (chunk: Buffer) => (id += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(id.trim()) : reject(new Error(`git hash-object exited with ${code}`)),
    );
    child.stdin.end(content);
  });
}

/** Git with nobody's configuration, so that the demo does the same on every machine. */
async function git(directory: string, args: readonly string[]): Promise<string> {
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'advice.detachedHead=false'];
  const { stdout } = await run('git', ['-C', directory, ...quiet, ...args], { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}
