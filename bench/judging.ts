/**
 * How well a canary is judged, on synthetic traffic whose truth is known: how often a release that is the same is blamed, and
 * how many requests it takes to find one that is worse. Nothing here depends on the speed of the machine.
 */
import { emptyHistogram, bucketOf, type Histogram } from '../src/domain/observation/histogram.ts';
import type { Sample, Traffic } from '../src/domain/observation/sample.ts';
import { compare, freshComparison, observe, type ComparisonVerdict } from '../src/domain/verdict/comparison.ts';
import type { Measured } from './figures.ts';

/** One class of requests of one release. */
interface Behaviour {
  /** Part of the requests that fails. */
  readonly errors: number;
  /** Part of the requests that is answered with 4xx. */
  readonly refused: number;
  /** Response times are log-normal: median in ms, and the standard deviation of the logarithm. */
  readonly medianMs: number;
  readonly spread: number;
  /** Part of the requests that takes `tailMs` longer. */
  readonly tail?: number;
  readonly tailMs?: number;
  /** Multiplies times beyond the 95th percentile. */
  readonly slowBy?: number;
  /** Multiplies every time. */
  readonly allBy?: number;
}

interface Truth {
  readonly what: string;
  readonly stable: Behaviour;
  readonly fresh: Behaviour;
  /** Part of all requests that the new release gets. */
  readonly share: number;
  readonly requestsPerLook: number;
  /** Part of the requests of each side that is of the heavy class; `isMixed`: nobody told the classes apart. */
  readonly heavy?: { readonly ofNew: number; readonly ofStable: number; readonly isMixed?: true };
}

const usual: Behaviour = { errors: 0.01, refused: 0.05, medianMs: 20, spread: 0.6 };
const heavyBehaviour: Behaviour = { errors: 0.05, refused: 0.05, medianMs: 300, spread: 0.5 };
const rule = { alpha: 0.01, beta: 0.05, minimumRequests: 50 };
const looks = 100;

const truths: readonly Truth[] = [
  { what: 'the same', stable: usual, fresh: usual, share: 0.1, requestsPerLook: 200 },
  { what: 'the same, half of the traffic', stable: usual, fresh: usual, share: 0.5, requestsPerLook: 200 },
  {
    what: 'the same, without errors',
    stable: { ...usual, errors: 0 },
    fresh: { ...usual, errors: 0 },
    share: 0.1,
    requestsPerLook: 200,
  },
  {
    what: 'the same, more heavy requests, routes told apart',
    stable: usual,
    fresh: usual,
    share: 0.1,
    requestsPerLook: 200,
    heavy: { ofNew: 0.5, ofStable: 0.1 },
  },
  {
    what: 'the same, a few heavy requests more, routes told apart',
    stable: usual,
    fresh: usual,
    share: 0.1,
    requestsPerLook: 200,
    heavy: { ofNew: 0.15, ofStable: 0.1 },
  },
  {
    what: 'alike, but more heavy requests, all routes in one class',
    stable: usual,
    fresh: usual,
    share: 0.1,
    requestsPerLook: 200,
    heavy: { ofNew: 0.5, ofStable: 0.1, isMixed: true },
  },
  { what: 'no traffic', stable: usual, fresh: usual, share: 0, requestsPerLook: 200 },
  { what: 'errors 1 % → 2 %', stable: usual, fresh: { ...usual, errors: 0.02 }, share: 0.1, requestsPerLook: 200 },
  { what: 'errors 1 % → 5 %', stable: usual, fresh: { ...usual, errors: 0.05 }, share: 0.1, requestsPerLook: 50 },
  { what: 'errors 1 % → 50 %', stable: usual, fresh: { ...usual, errors: 0.5 }, share: 0.1, requestsPerLook: 10 },
  {
    what: '4xx to 5 % → to everybody',
    stable: usual,
    fresh: { ...usual, refused: 1 },
    share: 0.1,
    requestsPerLook: 10,
  },
  { what: '4xx 5 % → 20 %', stable: usual, fresh: { ...usual, refused: 0.2 }, share: 0.1, requestsPerLook: 50 },
  { what: '4xx 5 % → 10 %', stable: usual, fresh: { ...usual, refused: 0.1 }, share: 0.1, requestsPerLook: 200 },
  {
    what: 'the same, half of all requests answered with 4xx',
    stable: { ...usual, refused: 0.5 },
    fresh: { ...usual, refused: 0.5 },
    share: 0.1,
    requestsPerLook: 200,
  },
  {
    what: 'p99 + 20 %',
    stable: usual,
    fresh: { ...usual, slowBy: 1.2 },
    share: 0.1,
    requestsPerLook: 1_000,
  },
  {
    what: '2 % of requests + 2 s',
    stable: usual,
    fresh: { ...usual, tail: 0.02, tailMs: 2_000 },
    share: 0.1,
    requestsPerLook: 200,
  },
  { what: 'all + 1 %', stable: usual, fresh: { ...usual, allBy: 1.01 }, share: 0.5, requestsPerLook: 10_000 },
];

/** `runs` of each truth; those with a million requests a run are fewer. */
export async function judging(runs = 1_000): Promise<Measured> {
  const figures: { what: string; value: number; unit: string; aim?: { is: 'at most' | 'at least'; value: number } }[] =
    [];
  for (const truth of truths) {
    const counted = truth.requestsPerLook > 5_000 ? Math.max(3, Math.round(runs / 50)) : runs;
    const ends = Array.from({ length: counted }, (_, run) => judgeOne(truth, random(run + 1)));
    const blamed = ends.filter(({ verdict }) => verdict.says === 'worse');
    const safe = ends.filter(({ verdict }) => verdict.says === 'safe').length;
    const requests = blamed.map((end) => end.requests).sort((left, right) => left - right);
    figures.push({ what: `${truth.what}: blamed`, value: (100 * blamed.length) / counted, unit: '%', ...aimOf(truth) });
    if (safe > 0) figures.push({ what: `${truth.what}: called safe`, value: (100 * safe) / counted, unit: '%' });
    if (requests.length > counted / 2) {
      figures.push({
        what: `${truth.what}: requests until then (median)`,
        value: requests[Math.floor(requests.length / 2)]!,
        unit: '',
        ...requestsAim(truth),
      });
    }
  }
  return { figures, setup: { runs, looks, alpha: rule.alpha } };
}

function aimOf({ what }: Truth): { aim?: { is: 'at most' | 'at least'; value: number } } {
  if (what.startsWith('the same') || what === 'no traffic' || what === 'all + 1 %')
    return { aim: { is: 'at most', value: 1.5 } };
  if (what.startsWith('2 %')) return { aim: { is: 'at least', value: 95 } };
  return {};
}

function requestsAim({ what }: Truth): { aim?: { is: 'at most' | 'at least'; value: number } } {
  if (what === 'errors 1 % → 5 %') return { aim: { is: 'at most', value: 1_700 } };
  if (what === 'errors 1 % → 50 %') return { aim: { is: 'at most', value: 100 } };
  return {};
}

function judgeOne(truth: Truth, dice: () => number): { verdict: ComparisonVerdict; requests: number } {
  let comparison = freshComparison;
  let requests = 0;
  // The stable release has a past: its response times are known before the new one gets its first request.
  comparison = observe(comparison, spanOf({ ...truth, share: 0, requestsPerLook: 2_000 }, dice));
  let verdict = compare(comparison, rule);
  // Longer than `looks` only to learn how long it takes; whether it is blamed is counted over `looks`.
  for (let look = 0; look < looks; look++) {
    comparison = observe(comparison, spanOf(truth, dice));
    requests += truth.requestsPerLook;
    verdict = compare(comparison, rule);
    if (verdict.says === 'worse') break;
  }
  return { verdict, requests };
}

function spanOf(truth: Truth, dice: () => number): { ofNew: Traffic; ofStable: Traffic } {
  const counted = { ofNew: new Counted(), ofStable: new Counted() };
  for (let index = 0; index < truth.requestsPerLook; index++) {
    const side = dice() < truth.share ? 'ofNew' : 'ofStable';
    const isHeavy = truth.heavy !== undefined && dice() < truth.heavy[side];
    const behaviour = isHeavy ? heavyBehaviour : side === 'ofNew' ? truth.fresh : truth.stable;
    counted[side].add(isHeavy && truth.heavy?.isMixed !== true ? 'heavy' : 'all', behaviour, dice);
  }
  return { ofNew: counted.ofNew.traffic(), ofStable: counted.ofStable.traffic() };
}

/** Counts of one side, changed in place: a million requests a run. */
class Counted {
  readonly #classes = new Map<
    string,
    { requests: number; failures: number; clientErrors: number; counts: Record<number, number> }
  >();

  add(name: string, behaviour: Behaviour, dice: () => number): void {
    let sample = this.#classes.get(name);
    if (sample === undefined) {
      sample = { requests: 0, failures: 0, clientErrors: 0, counts: {} };
      this.#classes.set(name, sample);
    }
    sample.requests += 1;
    if (dice() < behaviour.errors) sample.failures += 1;
    else if (dice() < behaviour.refused) sample.clientErrors += 1;
    const bucket = bucketOf(timeOf(behaviour, dice));
    sample.counts[bucket] = (sample.counts[bucket] ?? 0) + 1;
  }

  traffic(): Traffic {
    return Object.fromEntries(
      [...this.#classes].map(([name, { counts, ...counted }]): [string, Sample] => [
        name,
        { ...counted, latency: { ...emptyHistogram, counts } satisfies Histogram },
      ]),
    );
  }
}

function timeOf(behaviour: Behaviour, dice: () => number): number {
  const { medianMs, spread, tail = 0, tailMs = 0, slowBy = 1, allBy = 1 } = behaviour;
  // Box and Muller, 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
  const time = medianMs * Math.exp(spread * normal) * allBy;
  const slow = normal > 1.6449 ? time * slowBy : time;
  return dice() < tail ? slow + tailMs : slow;
}

/** Mulberry32: small, repeatable, good enough for counting. */
function random(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
