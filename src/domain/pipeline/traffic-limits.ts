import { formatDuration, type Duration } from '../base/time.ts';
import { usualTraffic, type TrafficKind } from './traffic-spec.ts';

/** What requests of users are held to, whoever leads them. Times in ms. */
export interface TrafficLimits {
  /** A larger request body is refused with 413; any size when absent. */
  readonly bodyBytes?: number;
  /** Until an instance takes a connection. */
  readonly connectMs?: number;
  /** Until an instance begins to answer; then 504. */
  readonly answerMs?: number;
  /** Between two pieces of an answer; then it is cut off. Between two pieces of a request; then 408, where the leader can. */
  readonly idleMs?: number;
}

/** What holds where nothing is written, at every leader. */
export const usualTimes = { connectMs: 5_000, answerMs: 60_000, idleMs: 300_000 } as const satisfies TrafficLimits;

/** HAProxy and nginx have one time for "until it begins to answer" and "between two pieces of it". */
export function hasOneTime(kind: TrafficKind): boolean {
  return kind === 'haproxy' || kind === 'nginx';
}

/** That one time: the longer one of those that are written, so that no stream is cut. */
export function oneTime({ answerMs, idleMs }: TrafficLimits): number {
  if (answerMs === undefined && idleMs === undefined) return usualTimes.idleMs;
  return Math.max(answerMs ?? 0, idleMs ?? 0);
}

export interface LimitsInForce {
  readonly bodyBytes: number | undefined;
  readonly connectMs: number;
  readonly answerMs: number;
  readonly idleMs: number;
}

export function limitsInForce(limits: TrafficLimits = {}, by: TrafficKind = usualTraffic): LimitsInForce {
  const both = oneTime(limits);
  return {
    bodyBytes: undefined,
    ...usualTimes,
    ...limits,
    ...(hasOneTime(by) ? { answerMs: both, idleMs: both } : {}),
  };
}

export function limitsSentence({ bodyBytes, connectMs, answerMs, idleMs }: LimitsInForce): string {
  const time = (ms: number) => formatDuration(ms as Duration);
  const size =
    bodyBytes === undefined ? 'bodies of any size' : `bodies of at most ${bodyBytes.toLocaleString('en')} bytes`;
  return `${size}; ${time(connectMs)} to connect, ${time(answerMs)} until an answer begins, ${time(idleMs)} between two pieces of it`;
}
