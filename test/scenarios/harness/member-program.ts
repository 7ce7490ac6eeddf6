/**
 * One process of a control plane under test: `node member-program.ts <order as JSON>`. Says on standard output when it
 * is ready; SIGTERM stops it cleanly. When its starter is gone it ends by itself and takes the database of the home along,
 * so that no process outlives a test that was cut short.
 */
import { pathToFileURL } from 'node:url';
import type { ControlPlane, startControlPlane, stopWhatIsLeft } from '../../../src/main.ts';
import type { MemberOrder, MemberReady } from './member.ts';

const order = JSON.parse(process.argv[2]!) as MemberOrder;
const main = (await import(pathToFileURL(order.main).href)) as {
  startControlPlane: typeof startControlPlane;
  stopWhatIsLeft: typeof stopWhatIsLeft;
};
// Whoever listened may be gone; that must not cut the way out short.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
let plane: ControlPlane | undefined;
process.stdin.on('end', () => void abandoned().finally(() => process.exit(4))).resume();

try {
  plane = await main.startControlPlane({
    homeDirectory: order.home,
    roles: order.roles,
    listen: { host: '127.0.0.1', port: 0 },
    databaseUrl: order.databaseUrl,
    allowHosts: order.allowHosts ?? [],
    dockerHost: order.dockerHost,
    consoleDirectory: order.consoleDirectory,
    logLevel: 'info',
    operator: { handle: 'ops', name: 'Olga Operator', emails: [] },
  });
  process.once('SIGTERM', () => {
    plane!.stop({ keepDatabase: order.keepDatabase }).then(() => process.exit(0), giveUp);
  });
  plane.ended.catch(giveUp);
  const ready: MemberReady = { ready: true, url: plane.url, tokenFile: plane.tokenFile };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
} catch (error) {
  giveUp(error);
}

/** First the control plane, which would start the database again. */
async function abandoned(): Promise<void> {
  await plane?.stop({ keepDatabase: false });
  await main.stopWhatIsLeft(order.home);
}

function giveUp(error: unknown): void {
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', code: (error as { code?: unknown }).code, message: String(error), stack: (error as Error).stack })}\n`,
  );
  process.exit(3);
}
