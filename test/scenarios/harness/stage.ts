/** Where a scenario plays: a fresh directory with a home, journals and logs, which leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { startEmbedded, type EmbeddedServer } from '../../../src/adapters/postgres/embedded/start-embedded.ts';
import { removeTree } from '../../../src/adapters/workspaces/remove-tree.ts';
import { startMember, type Member, type MemberOrder } from './member.ts';

export const ownMain = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface Stage {
  readonly directory: string;
  readonly home: string;
  readonly journals: string;
  readonly logs: string;
  /** The embedded PostgreSQL of the home, started when it does not run. */
  server(): Promise<EmbeddedServer>;
  start(name: string, order: Omit<MemberOrder, 'main' | 'home' | 'keepDatabase'> & Partial<MemberOrder>): Member;
  /** Command lines of processes that work in the directory, PostgreSQL's left out. */
  left(): readonly string[];
  /** Ends whatever is left, by its id, and removes everything. */
  remove(): Promise<void>;
}

export async function makeStage(): Promise<Stage> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'liftlock scenario ')));
  const place = (name: string) => join(directory, name);
  const stage = { directory, home: place('home'), journals: place('journals'), logs: place('logs') };
  for (const folder of [stage.home, stage.journals, stage.logs]) await mkdir(folder, { mode: 0o700 });
  const members: Member[] = [];
  const postgres = join(stage.home, 'postgres');
  const server = () => startEmbedded({ directory: postgres, clock: createClock() });
  return {
    ...stage,
    server,
    start(name, order) {
      const member = startMember(name, { main: ownMain, home: stage.home, keepDatabase: false, ...order }, stage.logs);
      members.push(member);
      return member;
    },
    left: () => commandLines().filter((line) => line.includes(directory) && !line.includes('--liftlock.cluster=')),
    async remove() {
      await Promise.all(members.filter((member) => member.isRunning()).map((member) => member.kill()));
      const processes = createProcesses({ directory: join(stage.home, 'processes'), nodePath: process.execPath });
      const running = (await processes.list('')).filter(({ state }) => state.state === 'running');
      await Promise.all(running.map(({ key }) => processes.stop(key, 0)));
      if (existsSync(postgres)) await (await server().catch(() => undefined))?.stop();
      await removeTree(directory);
    },
  };
}

/** Of every process that this user may see. */
function commandLines(): readonly string[] {
  if (process.platform !== 'linux') return execFileSync('ps', ['-axo', 'args='], { encoding: 'utf8' }).split('\n');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
