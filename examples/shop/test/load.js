// A short load test: some customers who look around, each on a kept connection. Writes what autocannon would write of it.
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';

const url = new URL('/books', process.env.LIFTLOCK_URL);
const customers = 6;
const seconds = 3;

const latencies = [];
const counted = { errors: 0, timeouts: 0, non2xx: 0, '2xx': 0 };
const end = Date.now() + seconds * 1000;
await Promise.all(Array.from({ length: customers }, look));
latencies.sort((left, right) => left - right);
const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
const average = latencies.reduce((sum, each) => sum + each, 0) / Math.max(1, latencies.length);
writeFileSync(
  'load.json',
  JSON.stringify({
    url: url.href,
    connections: customers,
    duration: seconds,
    ...counted,
    requests: { total: latencies.length, average: latencies.length / seconds },
    latency: { average, min: at(0), p50: at(0.5), p90: at(0.9), p97_5: at(0.975), p99: at(0.99), max: at(1) },
  }),
);
console.log(`${latencies.length} requests in ${seconds} s, p99 ${at(0.99).toFixed(1)} ms, ${counted.errors} errors`);

async function look() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (Date.now() < end) await ask(agent);
  agent.destroy();
}

function ask(agent) {
  const begin = performance.now();
  return new Promise((resolve) => {
    const asked = get(url, { agent, timeout: 10_000 }, (response) => {
      response.resume();
      response.once('end', () => {
        latencies.push(performance.now() - begin);
        const isGood = response.statusCode >= 200 && response.statusCode < 300;
        counted[isGood ? '2xx' : 'non2xx'] += 1;
        resolve();
      });
    });
    asked.once('timeout', () => {
      counted.timeouts += 1;
      asked.destroy();
    });
    asked.once('error', () => {
      counted.errors += 1;
      resolve();
    });
  });
}
