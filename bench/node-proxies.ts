/** Proxies for Node that npm has, each in a process of its own, as its own documentation begins with, but with kept connections. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const packages = [
  'http-proxy-3@2.0.1',
  'httpxy@0.5.6',
  'fast-proxy@2.2.0',
  '@fastify/http-proxy@11.6.3',
  'fastify@5.12.8',
];

const head = `const [port, target] = process.argv.slice(2);
const { Agent, createServer } = require('node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const listen = (handle) => createServer(handle).listen(Number(port), '127.0.0.1');
`;

const programs: Readonly<Record<string, string>> = {
  'http-proxy-3': `const proxy = require('http-proxy-3').createProxyServer({ target, agent });
listen((request, response) => proxy.web(request, response));`,
  httpxy: `import('httpxy').then(({ createProxyServer }) => {
  const proxy = createProxyServer({ target, agent });
  listen((request, response) => void proxy.web(request, response));
});`,
  'fast-proxy': `const { proxy } = require('fast-proxy')({ base: target });
listen((request, response) => proxy(request, response, request.url, {}));`,
  '@fastify/http-proxy': `const server = require('fastify')();
server.register(require('@fastify/http-proxy'), { upstream: target });
server.listen({ port: Number(port), host: '127.0.0.1' });`,
};

export const nodeProxies: readonly string[] = Object.keys(programs);

/** Needs a registry. */
export async function installNodeProxies(directory: string): Promise<void> {
  await writeFile(join(directory, 'package.json'), '{ "private": true }');
  await promisify(execFile)('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
    cwd: directory,
  });
}

export async function startNodeProxy(
  directory: string,
  name: string,
  { port, backendPort }: { readonly port: number; readonly backendPort: number },
): Promise<ChildProcess> {
  const file = join(directory, `${name.replaceAll(/\W/g, '-')}.cjs`);
  await writeFile(file, `${head}${programs[name]!}\n`);
  return spawn(process.execPath, [file, String(port), `http://127.0.0.1:${backendPort}`], { stdio: 'ignore' });
}
