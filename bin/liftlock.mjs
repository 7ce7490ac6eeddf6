#!/usr/bin/env node
// The `liftlock` command. In a checkout it runs the sources, in the installed package what was built from them.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const built = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const source = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const main = existsSync(source) ? source : built;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/**
 * What goes on running is given a small young generation, which V8 takes at its start only: idle, it holds a fifth less memory. It does
 * without the compiler in the middle, whose threads keep 25 MB of what they once needed; what is hot still gets to the last one.
 * The process is replaced, so that it stays one; where it cannot be, it is as large as it is.
 */
const flags = ['--max-semi-space-size=2', '--no-maglev'];
const staysUp = ['up', 'serve', 'worker', 'demo'].includes(
  process.argv.slice(2).find((word) => !word.startsWith('-')) ?? '',
);

if (staysUp && process.execve !== undefined && flags.some((flag) => !process.execArgv.includes(flag))) {
  process.execve(
    process.execPath,
    [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)],
    process.env,
  );
} else if (major > 22 || (major === 22 && minor >= 18)) {
  module.enableCompileCache?.();
  await import(pathToFileURL(main).href);
} else if (existsSync(ownNode)) {
  const { runChild } = await import('./child.mjs');
  process.exitCode = await runChild(ownNode, [
    ...process.execArgv,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ]);
} else {
  console.error(`Liftlock needs Node 22.18 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  if (main === source)
    console.error(
      'In a checkout, `npm run build` or `npm run demo` installs a Node of its own that is used from then on.',
    );
  process.exitCode = 2;
}
