/**
 * One process of a control plane under test: `node member-program.ts <order as JSON>`. Says on standard output when it
 * is ready; SIGTERM stops it cleanly. It ends by itself when its starter is gone, so that nothing outlives a broken test.
 */
import { pathToFileURL } from 'node:url';
import type { startControlPlane } from '../../../src/main.ts';
import type { MemberOrder, MemberReady } from './member.ts';

const order = JSON.parse(process.argv[2]!) as MemberOrder;
process.stdin.on('end', () => process.exit(4)).resume();

try {
  const main = (await import(pathToFileURL(order.main).href)) as { startControlPlane: typeof startControlPlane };
  const plane = await main.startControlPlane({
    homeDirectory: order.home,
    roles: order.roles,
    listen: { host: '127.0.0.1', port: 0 },
    databaseUrl: order.databaseUrl,
    logLevel: 'info',
  });
  process.once('SIGTERM', () => {
    plane.stop({ keepDatabase: order.keepDatabase }).then(() => process.exit(0), giveUp);
  });
  plane.ended.catch(giveUp);
  const ready: MemberReady = { ready: true, url: plane.url, tokenFile: plane.tokenFile };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
} catch (error) {
  giveUp(error);
}

function giveUp(error: unknown): void {
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', code: (error as { code?: unknown }).code, message: String(error), stack: (error as Error).stack })}\n`,
  );
  process.exit(3);
}
