/** Where the Docker target is tried: an artifact whose image holds this Node and a service that does as its MODE says. */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createArtifacts } from '../../../src/adapters/artifacts/artifacts.ts';
import { createDockerTarget } from '../../../src/adapters/targets/docker/docker-target.ts';
import type { Engine } from '../../../src/adapters/targets/docker/engine.ts';
import { ownContainers } from '../../../src/adapters/targets/docker/own-containers.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import type { Digest } from '../../../src/domain/base/digest.ts';
import type { HealthCheck } from '../../../src/domain/pipeline/pipeline.ts';
import type { Deployment } from '../../../src/ports/target.ts';
import { engine } from '../../world/docker.ts';
import { edgeIn, endEdge } from '../../world/edge.ts';
import { imagesAt } from '../../make/images.ts';
import { slowAnswers } from '../../world/slow-service.ts';
import { clock, deploymentAt, probe, type Place } from './stage.ts';

const program = `
const { createServer } = require('node:http');
const { MODE, PORT, NAME, API_TOKEN } = process.env;
${slowAnswers}
console.log('hello from ' + NAME + ' with ' + API_TOKEN);
if (MODE === 'fails') process.exit(3);
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(5);
  if (request.url === '/keep') require('node:fs').appendFileSync(process.env.LIFTLOCK_DATA + '/kept', NAME);
  if (request.url === '/kept') return void response.end(require('node:fs').readFileSync(process.env.LIFTLOCK_DATA + '/kept'));
  if (request.url === '/slow') { response.write('begin '); setTimeout(() => response.end('end'), 1500); return; }
  if (request.url === '/stream') return stream(response);
  if (request.method === 'POST') return void request.resume().on('end', () => response.end());
  response.writeHead(MODE === 'sick' ? 503 : 200).end(JSON.stringify({ ...process.env, pid: process.pid }));
});
server.on('upgrade', echo);
const kept = [];
if (MODE === 'hungry') setInterval(() => kept.push(Buffer.alloc(16e6, 1)), 5);
else if (MODE !== 'deaf') server.listen(Number(PORT), process.env.LISTEN || '0.0.0.0');
else setInterval(() => {}, 1000);
process.on('SIGTERM', () => process.exit(0));
`;

const dockerfile = `FROM scratch
COPY root /
COPY service.cjs /service.cjs
HEALTHCHECK --interval=1s --retries=2 --timeout=2s CMD ["/node", "-e", "process.env.MODE === 'ill' ? process.exit(1) : 0"]
CMD ["/node", "/service.cjs"]
`;

export interface DockerStage {
  readonly directory: string;
  readonly artifact: Digest;
  readonly home: string;
  /** What a restarted control plane has: everything made anew. */
  world(with_?: { engine: Engine }): ReturnType<typeof worldAt>;
  deployment(place: Place, wish?: { mode?: string; health?: HealthCheck; network?: string; port?: 'none' }): Deployment;
  remove(): Promise<void>;
}

let homes = 0;

export async function makeDockerStage(): Promise<DockerStage> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock docker '));
  const home = `test${process.pid}x${++homes}`;
  const source = join(directory, 'source');
  await putNode(join(source, 'root'));
  await writeFile(join(source, 'service.cjs'), program);
  await writeFile(join(source, 'Dockerfile'), dockerfile);
  const command = imagesAt().command({
    spec: { from: 'dockerfile', path: 'Dockerfile' },
    output: 'out',
    variables: {},
    labels: {},
  });
  execFileSync('/bin/sh', ['-c', command], { cwd: source, stdio: 'pipe' });
  const { digest } = await createArtifacts({ directory: join(directory, 'artifacts') }).pack(join(source, 'out'), []);
  return {
    directory,
    artifact: digest,
    home,
    world: (given = { engine }) => worldAt(directory, home, given.engine),
    deployment(place, { mode = 'good', health, network = 'bridge', port } = {}) {
      const target = { kind: 'docker', containerPort: 3000, network, ...(port === undefined ? {} : { port }) } as const;
      const made = deploymentAt(place, { mode, target, ...(health === undefined ? {} : { health }) });
      const { PATH: _, NOTES: __, ...variables } = made.variables;
      return {
        ...made,
        release: { ...made.release, artifact: digest },
        variables: { ...variables, API_TOKEN: secret },
        hide: [secret],
        port: port === 'none' ? undefined : place.port,
      } as Deployment;
    },
    async remove() {
      await endEdge(createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath }));
      await ownContainers(engine, home).removeAll();
      execFileSync('chmod', ['-R', 'u+rwX', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const secret = 'correct-horse-battery';

function worldAt(directory: string, home: string, asked: Engine) {
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const artifacts = createArtifacts({ directory: join(directory, 'artifacts') });
  const traffic = edgeIn(directory, processes);
  return { traffic, docker: createDockerTarget({ engine: asked, artifacts, probe, clock, traffic, home }) };
}

/** The Node that runs this, with the libraries it is linked to, where the loader looks for them. */
async function putNode(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  await copyFile(process.execPath, join(root, 'node'));
  const listed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path!);
  for (const path of libraries) {
    const place = path.includes('/ld-') ? join(root, path) : join(root, 'lib', basename(path));
    await mkdir(dirname(place), { recursive: true });
    await copyFile(path, place);
  }
}
