/** `npm run bench [name …]`: what Liftlock costs, measured on this machine. Nothing here fails because a machine is slow. */
import { print, type Measured } from './figures.ts';

/** For those that are known to fail requests. */
const shorter = { deployments: 20, requests: 200_000 };

const benchmarks: Readonly<Record<string, () => Promise<Measured>>> = {
  overhead: async () => (await import('./overhead.ts')).overhead(),
  throughput: async () => (await import('./throughput.ts')).throughput(1),
  'throughput-2': async () => (await import('./throughput.ts')).throughput(2),
  eligibility: async () => (await import('./eligibility.ts')).eligibility(),
  memory: async () => (await import('./memory.ts')).memory(),
  edge: async () => (await import('./edge.ts')).edge(),
  'switching-edge': async () => (await import('./switching.ts')).switching('edge'),
  'switching-haproxy': async () => (await import('./switching.ts')).switching('haproxy'),
  'switching-nginx': async () => (await import('./switching.ts')).switching('nginx'),
  'switching-caddy': async () => (await import('./switching.ts')).switching('caddy'),
  'switching-stop-and-start': async () => (await import('./switching.ts')).switching('stop-and-start', shorter),
  'weights-edge': async () => (await import('./weights.ts')).weights('edge'),
  'weights-haproxy': async () => (await import('./weights.ts')).weights('haproxy'),
  judging: async () => (await import('./judging.ts')).judging(),
  signatures: async () => (await import('./signatures.ts')).signatures(),
  audit: async () => (await import('./audit.ts')).audit(),
  startup: async () => (await import('./startup.ts')).startup(),
  // Last: it needs a registry.
  'edge-npm': async () => (await import('./edge.ts')).edge({ against: 'npm' }),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : Object.keys(benchmarks)) {
    print(name, await benchmarks[name]!());
  }
}
