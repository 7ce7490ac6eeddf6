// node scripts/bootstrap.mjs <demo|test|check|bench|build> [arguments]
// Installs what the lockfile names, once, and runs the command under the Node that the lockfile brings.
// Plain JavaScript for Node 20 and newer, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../bin/child.mjs';
import { install } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node');

const commands = { demo, test, check, bench, build };

/** What some tests use if the machine has it, and what happens on a machine that does not. */
const optionalTools = [
  { name: 'busybox', without: 'the tests with containers, which make images of it, are skipped' },
  { name: 'caddy', without: 'the tests of traffic by Caddy are skipped' },
  { name: 'chromium', without: 'the tests of the console and of passkeys in a browser are skipped' },
  { name: 'dockerd', without: 'the tests with containers are skipped' },
  { name: 'gpg', without: 'the tests of OpenPGP signatures are skipped' },
  { name: 'haproxy', without: 'the tests of traffic by HAProxy are skipped' },
  { name: 'nginx', without: 'the tests of traffic by nginx are skipped' },
  { name: 'prometheus', without: 'the tests of metrics against a real Prometheus are skipped' },
  {
    name: 'ssh-keygen',
    without: 'the tests of signed commits and tags, and of SSH signatures against OpenSSH, are skipped',
  },
];

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]) {
  if (!Object.hasOwn(commands, name ?? '')) {
    console.error(`usage: node scripts/bootstrap.mjs <${Object.keys(commands).join('|')}> [arguments]`);
    return 2;
  }
  const missing = missingPrerequisite();
  if (missing !== undefined) return refuse(missing);
  const problem = await install(root);
  if (problem !== undefined) return refuse(problem);
  if (!existsSync(ownNode)) {
    return refuse(
      `The Node that runs Liftlock is missing (${ownNode}): npm was kept from running its install script.\n` +
        'Allow it once with: npm rebuild node --ignore-scripts=false',
    );
  }
  return commands[name](args);
}

function missingPrerequisite() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20)
    return `Liftlock needs Node 20 or newer to start; this is Node ${process.versions.node} (${process.execPath}).`;
  if (spawnSync('git', ['--version'], { stdio: 'ignore' }).status === 0) return undefined;
  return 'Liftlock needs Git, and `git --version` does not run here. Install Git (Debian: apt-get install git) and try again.';
}

function refuse(message) {
  console.error(message);
  return 1;
}

async function demo(args) {
  const built = await buildConsole();
  return built === 0 ? node(['src/cli/main.ts', 'demo', ...args]) : built;
}

/** Only when something of it is newer than what was built last. */
async function buildConsole() {
  const page = join(root, 'dist', 'console', 'index.html');
  const newest = Math.max(...filesUnder(join(root, 'console')).map((file) => statSync(file).mtimeMs));
  if (existsSync(page) && statSync(page).mtimeMs > newest) return 0;
  return run('vite', ['build', 'console', '--logLevel', 'error']);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function bench(args) {
  return node(['bench/main.ts', ...args]);
}

/** Options go to Node's test runner; paths take the place of all tests. */
function test(args) {
  for (const { name, without } of optionalTools) {
    if (!onPath(name)) console.log(`${name} is not installed: ${without}`);
  }
  const paths = args.some((arg) => !arg.startsWith('-')) ? [] : ['src/**/*.test.ts', 'test/**/*.test.ts'];
  // Some hundred test files, and a thousand processes that they start, are the same sources: each is compiled once. The folder is Node's own.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
  // A test that hangs must fail by name instead of stopping everything; none takes minutes.
  return node([
    '--test',
    '--test-global-setup=test/global-setup.ts',
    '--test-reporter=spec',
    '--test-concurrency=2',
    '--test-timeout=300000',
    ...args,
    ...paths,
  ]);
}

/** Everything that must hold before a commit. All of the quick checks report; the tests run when those hold. */
async function check(args) {
  const steps = [
    ['types', 'tsc', '-p', '.'],
    ['types of the console', 'tsc', '-p', 'console'],
    ['lint', 'oxlint', '--deny-warnings', 'src', 'test', 'bench', 'scripts', 'bin', 'examples', 'console'],
    ['format', 'oxfmt', '--check', 'src', 'test', 'bench', 'scripts', 'bin', 'console'],
    ['architecture', 'node', '--test', 'test/architecture.test.ts'],
    ['unused', 'knip'],
  ];
  const failed = [];
  for (const [label, tool, ...toolArgs] of steps) {
    console.log(`\n== ${label}: ${tool} ${toolArgs.join(' ')}`);
    const code = await (tool === 'node' ? node(toolArgs) : run(tool, toolArgs));
    if (code !== 0) failed.push(label);
  }
  if (failed.length > 0) return refuse(`\ncheck failed: ${failed.join(', ')}. The tests did not run.`);
  return test(args);
}

async function build() {
  const steps = [
    () => run('tsc', ['-p', 'tsconfig.build.json']),
    () => run('vite', ['build', 'console', '--logLevel', 'error']),
    () => node(['scripts/write-schema.mjs']),
  ];
  for (const step of steps) {
    const code = await step();
    if (code !== 0) return code;
  }
  return 0;
}

function node(args) {
  return run(ownNode, args);
}

/** Programs see the lockfile's tools and its Node before those of the machine. */
function run(command, args) {
  const path = [dirname(ownNode), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return runChild(command, args, { cwd: root, env: { ...env, PATH: path } });
}

function onPath(name) {
  // Daemons live outside an ordinary user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)));
}
