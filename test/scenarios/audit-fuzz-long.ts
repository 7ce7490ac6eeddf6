/**
 * Damages the texts of the corpus at random and reads them, for as many seconds as told: `node test/scenarios/audit-fuzz-long.ts 60`.
 * Fails when anything but a sentence comes back, when one takes longer than two seconds, or when memory grows without end.
 */
import { auditTexts, understood } from '../make/read-audit-text.ts';
import { chanceOf } from './harness/seed.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 100_000);
const chance = chanceOf(seed);
const texts = [...auditTexts.values()].filter((text) => text.length < 5_000);
const pieces = [
  '\n',
  '\n\n',
  '— ',
  '"',
  '{',
  '[',
  ':',
  ',',
  '\\u0000',
  '\ud800',
  '0',
  '9007199254740993',
  '__proto__',
  '=',
  ' ',
  '~1',
  'null',
  '-',
];
const mostMs = 2_000;
const mostBytes = 1024 ** 3;

let runs = 0;
let slowest = 0;
let read = 0;
const end = performance.now() + seconds * 1_000;
while (performance.now() < end) {
  const text = damaged(chance.pick(texts));
  const from = performance.now();
  read += understood(text).length;
  slowest = Math.max(slowest, performance.now() - from);
  if (slowest > mostMs) throw new Error(`seed ${seed}, run ${runs}: it took ${slowest} ms: ${JSON.stringify(text)}`);
  runs += 1;
}
if (process.memoryUsage().rss > mostBytes)
  throw new Error(`seed ${seed}: ${process.memoryUsage().rss} bytes are in use`);
console.log(JSON.stringify({ seed, runs, read, slowestMs: Math.round(slowest), rss: process.memoryUsage().rss }));

/** One to six times: something cut out, put in, doubled, moved, or taken from another text. */
function damaged(text: string): string {
  let result = text;
  for (let times = 1 + Math.floor(chance.between(0, 6)); times > 0; times--) {
    const at = Math.floor(chance.between(0, result.length));
    const to = at + Math.floor(chance.between(0, chance.happens(0.2) ? 400 : 8));
    const part = chance.pick([
      '',
      chance.pick(pieces),
      result.slice(at, to).repeat(2),
      result.slice(to, to + 20),
      chance.pick(texts).slice(at, to),
    ]);
    result = result.slice(0, at) + part + result.slice(to);
  }
  return result;
}
