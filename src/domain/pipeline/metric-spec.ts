/** A question about the new release that is asked again and again while users are on it, as the pipeline describes it. */
import type { Duration } from '../base/time.ts';
import type { Condition } from './condition.ts';

export interface MetricSpec {
  readonly name: string;
  readonly source: MetricSource;
  readonly every: Duration;
  /** Between the first request that is led to the release and the first measurement. */
  readonly delay: Duration;
  readonly timeout: Duration;
  /** What the number must be; absent where the source says yes or no by itself. */
  readonly success?: Condition;
  /** Of a number that is no success: then it is nothing either way, instead of a failure. */
  readonly inconclusive?: Condition;
  readonly limits: MetricLimits;
  /** Measured and shown, but never decides. */
  readonly dryRun: boolean;
}

/** A limit is the number that is tolerated: with a limit of 2 the third failure decides. */
export interface MetricLimits {
  readonly failures: number;
  readonly inconclusives: number;
  /** In a row; a measurement that works begins the count again. */
  readonly consecutiveErrors: number;
  /** Measurements that must have succeeded before the metric is a success. */
  readonly successes: number;
}

export type MetricSource =
  /** An instant query of a Prometheus, or of what speaks like one, with placeholders for the release. */
  | {
      readonly from: 'prometheus';
      readonly url: string;
      readonly query: string;
      /** Name of the secret that is sent as a bearer token. */
      readonly secret?: string;
    }
  /** The answer to a GET: its status, or a number in its JSON. */
  | {
      readonly from: 'http';
      /** A path of the new release at an address of its own, or an address anywhere. */
      readonly at: { readonly path: string } | { readonly url: string };
      /** Names, one inside the other, that lead to the number; the status when empty. */
      readonly field: readonly string[];
      readonly secret?: string;
    }
  /** A command, run in the artifact: its exit code, or a number in the last line that it writes. */
  | {
      readonly from: 'command';
      readonly run: string;
      readonly read: 'exit-code' | 'number' | { readonly field: readonly string[] };
    };

export const usualLimits: MetricLimits = { failures: 0, inconclusives: 3, consecutiveErrors: 3, successes: 1 };

/** Where the status is what is measured. */
export const usualStatus = '< 400';
