/**
 * The connections of DBOS. It asks the same few texts again and again without preparing them; here each is prepared once on
 * each connection.
 */
import pg, { type ClientBase, type Pool, type PoolClient } from 'pg';

/** Nothing the queue asks takes longer, unless the server or its disk is in trouble. */
const idleInTransactionMs = 60_000;

/** `failed` is told of connections that break while nobody uses them. */
export function createPool(url: string, size: number, failed: (error: Error) => void): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'liftlock jobs',
    max: size,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    options: '-c jit=off -c max_parallel_workers_per_gather=0',
  });
  pool.on('error', failed);
  pool.on('connect', (client) => prepareOn(client));
  return pool;
}

/** From now on this connection prepares what it is asked. */
function prepareOn(client: PoolClient): void {
  const ask = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
  const asking = (text: unknown, values: unknown, ...more: readonly unknown[]) => {
    if (typeof text === 'string' && Array.isArray(values)) return ask(prepared(text, values), ...more);
    return ask(text, values, ...more);
  };
  client.query = asking as typeof client.query;
}

/** The client as DBOS may use it inside somebody else's transaction. */
export function preparing(client: ClientBase): ClientBase {
  return { query: (text: string, values: unknown[]) => client.query(prepared(text, values)) } as unknown as ClientBase;
}

interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Texts are few; the limit only guards the server's memory against a mistake. */
const mostNames = 200;
const names = new Map<string, string>();

/**
 * What looks for jobs by their status is planned for its values each time: only a plan that knows them uses the partial indexes
 * over what is not done yet, instead of reading through all that is.
 */
function prepared(text: string, values: unknown[]): Statement {
  const looksForStatus = /\bWHERE\b[^]*\bstatus (=|IN|NOT IN|= ANY) ?\(?\$/.test(text);
  const known = names.get(text);
  if (known !== undefined) return { name: known, text, values };
  if (looksForStatus || names.size >= mostNames) return { text, values };
  const name = `jobs_${names.size + 1}`;
  names.set(text, name);
  return { name, text, values };
}
