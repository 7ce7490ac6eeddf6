import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Account } from './account.ts';

/** After a crash one flush of the file system instead of one for each of a thousand files: a second or two less. */
const recovery = process.platform === 'linux' ? 'recovery_init_sync_method = syncfs' : '';

/**
 * What we ask of the server beyond its defaults. Small, because a control plane is idle most of the
 * time; durable, because promotions are promised to survive a power cut. What an operator sets with
 * ALTER SYSTEM wins over it.
 */
const settings = `# Written by Liftlock at every start; use ALTER SYSTEM to change a setting for good.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
cluster_name = 'liftlock'
timezone = 'UTC'

fsync = on
synchronous_commit = on
full_page_writes = on
${recovery}
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 256MB

# Environments share the server: the last connections are kept for Liftlock, the superuser.
max_connections = 100
superuser_reserved_connections = 30

shared_buffers = 32MB
work_mem = 4MB
maintenance_work_mem = 32MB
huge_pages = off
io_method = sync
jit = off
max_worker_processes = 2
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_logical_replication_workers = 0
autovacuum_worker_slots = 3
autovacuum_max_workers = 2

# Statements and details may hold secrets of the environments: the log keeps messages only.
log_destination = 'stderr'
logging_collector = off
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
`;

/** Only this machine, only with a password. */
const access = `# Written by Liftlock at every start.
host all all 127.0.0.1/32 scram-sha-256
`;

const include = "\ninclude 'liftlock.conf'\n";

/** Brings the configuration of a data directory up to date with this version of Liftlock. */
export async function writeSettings(data: string, account: Account | undefined): Promise<void> {
  await replace(path.join(data, 'liftlock.conf'), settings, account);
  await replace(path.join(data, 'pg_hba.conf'), access, account);
  const main = path.join(data, 'postgresql.conf');
  const text = await readFile(main, 'utf8');
  if (!text.includes(include)) await replace(main, text + include, account);
}

/**
 * Through a new file and a rename: no reader sees half of it, and a link that the account may have
 * planted under the name is replaced, not followed by us as root.
 */
async function replace(file: string, text: string, account: Account | undefined): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  const fresh = `${file}.new-${randomBytes(6).toString('hex')}`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    if (account !== undefined) await handle.chown(account.uid, account.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
