/**
 * Is the new release worse? A test that may be looked at after every request without losing its meaning.
 *
 * While both releases are alike, each event (a failed request, a slow one) comes from the new one with probability
 * `share`, the part of the requests that it got at that time: a coin with a known bias. For a release whose odds of such
 * an event are `ratio` times those of the stable one, the coin's bias is ratio·share / (ratio·share + 1 − share). The
 * likelihood ratio of the two coins is a martingale of mean 1 under "alike", and so is the mean over several ratios; by
 * Ville's inequality the chance that it ever reaches 1/α is at most α, however often and whenever one looks (Ville, "Étude
 * critique de la notion de collectif", 1939; Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and safe anytime-valid
 * inference", Statistical Science 2023). Counters suffice; nothing is assumed about how often events happen.
 *
 * The other way, that the release is not twice as bad: Wald's sequential probability ratio test of ratio 2 against 1 (Wald,
 * "Sequential tests of statistical hypotheses", 1945).
 */

/** Odds ratios that the test bets on, equally: from "somewhat worse" to "broken". */
export const oddsRatios = [1.5, 2, 3, 5, 10, 20, 50] as const;
const ratioOfConcern = 2;

/** Natural logarithms of the likelihood ratios, one for each of `oddsRatios`; stored, so that a verdict can be recomputed. */
export interface CoinTest {
  readonly logs: readonly number[];
  /** Events that were counted. */
  readonly events: number;
}

export const freshCoin: CoinTest = { logs: oddsRatios.map(() => 0), events: 0 };

/** Events counted over a span in which the share of the new release did not change. */
export interface Tosses {
  /** Requests of the new release among all requests of the span, 0 < share < 1. */
  readonly share: number;
  /** Events of the new release. */
  readonly ofNew: number;
  /** Events of the stable release. */
  readonly ofStable: number;
}

/** A span in which one of the two got no requests says nothing about their difference and changes nothing. */
export function toss(test: CoinTest, { share, ofNew, ofStable }: Tosses): CoinTest {
  if (!(share > 0 && share < 1) || ofNew + ofStable === 0) return test;
  return {
    logs: oddsRatios.map((ratio, index) => {
      const biased = (ratio * share) / (ratio * share + 1 - share);
      const gained = ofNew * Math.log(biased / share) + ofStable * Math.log((1 - biased) / (1 - share));
      return (test.logs[index] ?? 0) + gained;
    }),
    events: test.events + ofNew + ofStable,
  };
}

/** How much the counts speak against "alike": 1 is nothing, 1/α and more happens with chance α at most while they are. */
export function evidenceAgainst({ logs }: CoinTest): number {
  return logs.reduce((sum, log) => sum + Math.exp(Math.min(log, 700)), 0) / logs.length;
}

/**
 * How much the counts speak against "twice as bad", in the same scale: at 1/β and more, a release whose odds are really
 * doubled would have come this far with chance β at most.
 */
export function evidenceOfSafety({ logs }: CoinTest): number {
  return Math.exp(Math.min(-(logs[oddsRatios.indexOf(ratioOfConcern)] ?? 0), 700));
}
