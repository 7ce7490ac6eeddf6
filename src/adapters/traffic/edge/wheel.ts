/**
 * Which side is next, so that any run of requests is as near to the weights as whole requests allow: smooth weighted
 * round-robin, as in nginx (Igor Sysoev, "Upstream: smooth weighted round-robin balancing", 2012). Every side's credit grows by its
 * weight; the one with the most credit is next and pays the sum of all weights. No side is ever a whole request off its share by more
 * than the number of sides.
 */
export interface Wheel {
  /** The index of the side that gets the next request; -1 when every weight is 0. */
  next(): number;
}

export function createWheel(weights: readonly number[]): Wheel {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const credit = weights.map(() => 0);
  return {
    next() {
      if (sum === 0) return -1;
      let best = -1;
      for (let side = 0; side < weights.length; side++) {
        credit[side]! += weights[side]!;
        if (weights[side]! > 0 && (best < 0 || credit[side]! > credit[best]!)) best = side;
      }
      credit[best]! -= sum;
      return best;
    },
  };
}
