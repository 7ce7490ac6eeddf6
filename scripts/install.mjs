// Installs the lockfile's packages when they are not there yet, once for all that start at the same time.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../bin/child.mjs';

const waitLimit = 15 * 60_000;

/**
 * Without a network when the stamp matches the lockfile.
 * @param {string} root the checkout
 * @returns {Promise<string | undefined>} what went wrong and what to do
 */
export async function install(root) {
  const place = {
    root,
    stamp: join(root, 'node_modules', '.liftlock-install'),
    lock: join(root, '.liftlock', 'install-lock'),
  };
  const wanted = stampOf(root);
  if (readIfThere(place.stamp) === wanted) return undefined;
  const refusal = await takeLock(place.lock);
  if (refusal !== undefined) return refusal;
  try {
    if (readIfThere(place.stamp) === wanted) return undefined;
    return await runNpm(place, wanted);
  } finally {
    rmSync(place.lock, { recursive: true, force: true });
  }
}

/** One text for one lockfile on one kind of machine: the packages hold programs. */
function stampOf(root) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

async function runNpm(place, wanted) {
  console.error('Installing the packages that package-lock.json names (once; later starts need no network) ...');
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm goes on when this process is killed: the lock is held until it has ended, too.
  const started = (pid) => writeFileSync(join(place.lock, 'npm'), String(pid));
  const code = await runChild('npm', args, { cwd: place.root, started }).catch((error) => {
    console.error(`npm could not be started: ${error.message}`);
    return 127;
  });
  if (code === 127) return 'Liftlock needs npm, which comes with Node. Install it and try again.';
  if (code !== 0)
    return `npm ci ended with code ${code}; its message is above. The first start needs the network. Try again once that is mended.`;
  // Written last, so that an interrupted installation is repeated.
  writeFileSync(place.stamp, wanted);
  return undefined;
}

/** Waits while another process installs. A lock is a directory with its holder's process id, put in place in one move. */
async function takeLock(lock) {
  const mine = `${lock}.${process.pid}`;
  try {
    mkdirSync(mine, { recursive: true });
    writeFileSync(join(mine, 'pid'), String(process.pid));
  } catch (error) {
    return `The packages are not installed and this user cannot install them: ${error.message}\nRun the same command once as the owner of the checkout.`;
  }
  const deadline = Date.now() + waitLimit;
  for (let told = false; Date.now() < deadline; await sleep(200)) {
    if (moveInto(mine, lock)) return undefined;
    const holder = holderOf(lock);
    if (holder === undefined) {
      breakLock(lock);
    } else if (!told) {
      console.error(`Waiting for process ${holder}, which installs the packages ...`);
      told = true;
    }
  }
  rmSync(mine, { recursive: true, force: true });
  return `Another process still holds ${lock} after 15 minutes. If nothing is installing, remove that directory and try again.`;
}

/** A directory can be moved over an empty or absent one only, so one of several wins. */
function moveInto(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST' || error.code === 'EPERM') return false;
    throw error;
  }
}

/** Removes a dead holder's lock. Only one process at a time may, or the second would remove the first one's new lock. */
function breakLock(lock) {
  const breaking = `${lock}.breaking`;
  try {
    mkdirSync(breaking);
  } catch {
    // Whoever held this for ten seconds was killed while breaking the lock.
    if (Date.now() - (statSync(breaking, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 10_000)
      rmSync(breaking, { recursive: true, force: true });
    return;
  }
  // Read once: a lock that is given back has no files left, a dead holder's keeps them until it is broken here.
  const pid = readIfThere(join(lock, 'pid'));
  if (pid !== undefined && !isAlive(Number(pid)) && holderOf(lock) === undefined) {
    rmSync(lock, { recursive: true, force: true });
  }
  rmSync(breaking, { recursive: true, force: true });
}

/** The living process that installs under this lock. */
function holderOf(lock) {
  return ['pid', 'npm']
    .map((name) => Number(readIfThere(join(lock, name)) ?? 0))
    .find((pid) => pid > 0 && isAlive(pid));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
