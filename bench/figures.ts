/** How a benchmark states what it measured: a small table for people and one JSON line for programs. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What we want it to be; the benchmark only says whether it is, nothing fails. */
  readonly aim?: { readonly is: 'at most' | 'at least'; readonly value: number };
}

export interface Measured {
  readonly figures: readonly Figure[];
  /** How often, how many, of what kind: what a reader needs to repeat it. */
  readonly setup: Readonly<Record<string, number | string>>;
}

export function print(name: string, { figures, setup }: Measured): void {
  const load = loadavg().map((value) => Number(value.toFixed(2)));
  console.log(
    `\n${name}  (${Object.entries(setup)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')})`,
  );
  const rows = figures.map(
    (figure) => [figure.what, `${round(figure.value)} ${figure.unit}`.trim(), aimOf(figure)] as const,
  );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(`  ${row[0].padEnd(widths[0]!)}  ${row[1].padStart(widths[1]!)}  ${row[2]}`.trimEnd());
  console.log(`  load average ${load.join(' ')}`);
  console.log(
    JSON.stringify({
      bench: name,
      at: new Date().toISOString(),
      ...setup,
      ...toRecord(figures),
      load,
      machine: machine(),
    }),
  );
}

function aimOf({ aim, value, unit }: Figure): string {
  if (aim === undefined) return '';
  const isMet = aim.is === 'at most' ? value <= aim.value : value >= aim.value;
  return `aim: ${aim.is} ${aim.value} ${unit}`.trim() + (isMet ? ', met' : ', MISSED');
}

function toRecord(figures: readonly Figure[]): Record<string, number> {
  return Object.fromEntries(
    figures.map(({ what, value, unit }) => [unit === '' ? what : `${what} (${unit})`, round(value)]),
  );
}

function machine(): Record<string, number | string> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 1_000 ? 6 : 4));
}
