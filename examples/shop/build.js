// Puts the packages that the shop needs into node_modules, so that the artifact runs as it is.
//
// BOOKSHOP_PACKAGES names a folder below or beside which they are installed already (Liftlock's demo
// sets it, and needs no network). Without it npm installs them.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const target = resolve('node_modules');
const wanted = Object.keys(packageAt('.').dependencies);

if (process.env.BOOKSHOP_PACKAGES) {
  rmSync(target, { recursive: true, force: true });
  const copied = copyPackages(wanted, resolve(process.env.BOOKSHOP_PACKAGES));
  console.log(`copied ${[...copied].join(', ')}`);
} else {
  execFileSync('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'], { stdio: 'inherit' });
}

/** Copies packages and what they depend on, side by side. */
function copyPackages(names, from, copied = new Set()) {
  for (const name of names) {
    if (copied.has(name)) continue;
    // Some package managers only link to a package; what it needs lies beside the real one.
    const source = realpathSync(findPackage(name, from));
    cpSync(source, join(target, name), { recursive: true, dereference: true, filter: (path) => path !== join(source, 'node_modules') });
    copied.add(name);
    copyPackages(Object.keys(packageAt(source).dependencies ?? {}), source, copied);
  }
  return copied;
}

/** Looks where Node would: in the node_modules of the folder and of every folder around it. */
function findPackage(name, from) {
  const place = join(from, 'node_modules', name);
  if (existsSync(join(place, 'package.json'))) return place;
  if (dirname(from) !== from) return findPackage(name, dirname(from));
  console.error(`The package ${name} is not installed around ${process.env.BOOKSHOP_PACKAGES} (BOOKSHOP_PACKAGES).`);
  process.exit(1);
}

function packageAt(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
