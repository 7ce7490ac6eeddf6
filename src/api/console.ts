/** The web console: files that a build made, read once and answered from memory. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface ConsoleAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ConsoleFiles {
  /** `undefined` for what is neither a file nor a screen. `accept` and `encoding` are the request's headers. */
  find(path: string, asked: { accept: string | undefined; encoding: string | undefined }): ConsoleAnswer | undefined;
}

/** Nothing but our own files; no script or style that is written into a page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface File {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** `undefined` when no console was built here. */
export async function readConsole(directory: string): Promise<ConsoleFiles | undefined> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const known = names.filter((name) => types[extname(name)] !== undefined);
  const files = new Map(
    await Promise.all(
      known.map(async (name): Promise<[string, File]> => [`/${name}`, await read(join(directory, name))]),
    ),
  );
  const page = files.get('/index.html');
  if (page === undefined) return undefined;
  return {
    find(path, { accept, encoding }) {
      const file = path === '/index.html' ? undefined : files.get(path);
      const isPacked = /\bgzip\b/.test(encoding ?? '');
      // The name of an asset holds the hash of its content.
      if (file !== undefined)
        return answer(file, isPacked, path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      const isScreen = !path.startsWith('/api/') && extname(path) === '' && /\btext\/html\b/.test(accept ?? '');
      return isScreen ? answer(page, isPacked, 'no-cache') : undefined;
    },
  };
}

async function read(path: string): Promise<File> {
  const plain = new Uint8Array(await readFile(path));
  return { plain, packed: new Uint8Array(await promisify(gzip)(plain, { level: 9 })), type: types[extname(path)]! };
}

function answer(file: File, isPacked: boolean, caching: string): ConsoleAnswer {
  return {
    body: isPacked ? file.packed : file.plain,
    headers: {
      'Content-Type': file.type,
      'Cache-Control': caching,
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'same-origin',
      Vary: 'Accept, Accept-Encoding',
      ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
    },
  };
}
