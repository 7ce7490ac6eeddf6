/** How long a person waits: for a control plane out of nothing, for one that was there before, for a command. In turns with `node -e 0`. */
import { liftlock, makeRepository, runOnce, up } from './control-plane.ts';
import { median, timed, type Measured } from './figures.ts';
import { inScratch } from './scratch.ts';

const times = 7;

export async function startup(): Promise<Measured> {
  const fresh: number[] = [];
  const warm: number[] = [];
  const help: number[] = [];
  const status: number[] = [];
  const bare: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    await inScratch(async (directory) => {
      const repository = await makeRepository(directory);
      const run = (...args: readonly string[]) =>
        timed(() => runOnce(args, { directory: repository, home: directory }));
      const start = async (into: number[]) => {
        const begin = performance.now();
        const running = await up(repository, directory);
        into.push(performance.now() - begin);
        return running;
      };
      await (await start(fresh)).stop();
      const running = await start(warm);
      // Once unmeasured, as for a person who has used the command before.
      if (turn === 0) await runOnce([liftlock, 'status'], { directory: repository, home: directory });
      for (const [into, args] of [
        [bare, ['-e', '0']],
        [help, [liftlock, '--help']],
        [status, [liftlock, 'status']],
      ] as const)
        into.push(await run(...args));
      await running.stop();
    });
  }
  return {
    setup: { 'times each': times },
    figures: [
      {
        what: 'nothing to ready (initdb, migration, pipeline applied), median',
        value: median(fresh),
        unit: 'ms',
        aim: { is: 'at most', value: 5_000 },
      },
      { what: 'started again, median', value: median(warm), unit: 'ms', aim: { is: 'at most', value: 1_500 } },
      { what: 'liftlock --help, median', value: median(help), unit: 'ms', aim: { is: 'at most', value: 150 } },
      { what: 'liftlock status, median', value: median(status), unit: 'ms', aim: { is: 'at most', value: 300 } },
      { what: 'node -e 0, median', value: median(bare), unit: 'ms' },
    ],
  };
}
