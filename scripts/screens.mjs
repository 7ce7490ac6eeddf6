// node scripts/screens.mjs [folder]
// Takes a picture of every screen of the console in both themes, for docs/screens: a real server on its own database, real releases,
// and Chromium. What is on the pictures happened.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.argv[2] ?? join(root, 'docs', 'screens');
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-global-setup=test/global-setup.ts', '--test-reporter=spec', 'test/browser/screens-long.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, LIFTLOCK_SCREENS: folder } },
);
process.exitCode = status ?? 1;
