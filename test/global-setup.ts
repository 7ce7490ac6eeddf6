/** For `node --test --test-global-setup`: runs in the test runner itself. */
import { endSharedServer } from './world/shared-server.ts';

export async function globalTeardown(): Promise<void> {
  await endSharedServer(process.pid);
}
