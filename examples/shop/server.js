// The bookshop: a JSON API, and one page for people.
import { createServer } from 'node:http';
import pg from 'pg';
import { greetingOf } from './greeting.js';
import { readLines } from './orders.js';
import { renderPage } from './page.js';
import { changeOrder, createOrder, deleteOrder, findOrder, listBooks, listOrders } from './store.js';

const { PORT = '3000', DATABASE_URL, LOG_LEVEL = 'info', GREETING = 'The Corner Bookshop' } = process.env;
const version = {
  release: process.env.LIFTLOCK_RELEASE ?? 'none',
  commit: process.env.LIFTLOCK_COMMIT ?? 'none',
  environment: process.env.LIFTLOCK_ENVIRONMENT ?? 'none',
};
const levels = ['trace', 'debug', 'info', 'warn', 'error'];

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5, connectionTimeoutMillis: 2_000 });
// The database may go away while nobody uses it; the next request connects again.
pool.on('error', (error) => log('warn', 'database connection lost', { problem: error.message }));

const server = createServer(respond);
server.listen(Number(PORT), '127.0.0.1', () => log('info', 'listening', { port: server.address().port, ...version }));
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal));

async function respond(request, response) {
  const { status, json, html } = await answer(request).catch((error) => failed(error, request));
  const type = html === undefined ? 'application/json' : 'text/html';
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` });
  response.end(html ?? (json === undefined ? undefined : `${JSON.stringify(json)}\n`));
  log('debug', 'answered', { method: request.method, path: request.url, status });
}

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  const [, noun, id, more] = pathname.split('/');
  if (noun === 'orders' && more === undefined) return id === undefined ? allOrders(request) : oneOrder(request, id);
  if (request.method !== 'GET') return { status: 404, json: { problem: 'no such thing here' } };
  switch (pathname) {
    case '/':
      return page(languageOf(request));
    case '/healthz':
      return health();
    case '/version':
      return { status: 200, json: version };
    case '/books':
      return { status: 200, json: await listBooks(pool) };
    default:
      return { status: 404, json: { problem: 'no such page' } };
  }
}

/** The first that the visitor's browser asks for. */
function languageOf({ headers }) {
  return /^[a-z]{2}/i.exec(headers['accept-language'] ?? '')?.[0].toLowerCase();
}

async function page(language) {
  const greeting = await greetingOf(pool, GREETING, language);
  const [books, orders] = await Promise.all([listBooks(pool), listOrders(pool, 5)]);
  return { status: 200, html: renderPage({ greeting, books, orders, version }) };
}

async function health() {
  try {
    await pool.query('SELECT 1 FROM books LIMIT 1');
    return { status: 200, json: { status: 'ok' } };
  } catch (error) {
    return { status: 503, json: { status: 'database unavailable', problem: error.message } };
  }
}

async function allOrders(request) {
  if (request.method === 'GET') return { status: 200, json: await listOrders(pool) };
  if (request.method !== 'POST') return { status: 405, json: { problem: 'use GET or POST' } };
  const { lines, problem } = readLines(await readJson(request));
  if (problem !== undefined) return { status: 400, json: { problem } };
  const order = await createOrder(pool, lines);
  return order === undefined ? { status: 400, json: { problem: 'no such book' } } : { status: 201, json: order };
}

async function oneOrder(request, id) {
  const none = { status: 404, json: { problem: 'no such order' } };
  if (!/^[1-9]\d{0,8}$/.test(id)) return none;
  if (request.method === 'DELETE') return (await deleteOrder(pool, Number(id))) ? { status: 204 } : none;
  if (request.method === 'PUT') {
    const { lines, problem } = readLines(await readJson(request));
    if (problem !== undefined) return { status: 400, json: { problem } };
    const changed = await changeOrder(pool, Number(id), lines);
    return changed === undefined ? none : { status: 200, json: changed };
  }
  const order = request.method === 'GET' ? await findOrder(pool, Number(id)) : undefined;
  return order === undefined ? none : { status: 200, json: order };
}

/** The body as JSON; undefined when it is not JSON or longer than any order. */
async function readJson(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 100_000) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(error, request) {
  log('error', 'request failed', { method: request.method, path: request.url, problem: error.message });
  return { status: 500, json: { problem: 'the shop has a problem; it is written in its log' } };
}

/** Answers what was asked already, then ends. */
function stop(signal) {
  log('info', 'stopping', { signal });
  server.close(async () => {
    await pool.end();
    log('info', 'stopped');
  });
  server.closeIdleConnections();
}

function log(level, message, fields = {}) {
  if (levels.indexOf(level) < levels.indexOf(LOG_LEVEL)) return;
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
}
