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

if (major > 22 || (major === 22 && minor >= 18)) {
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
