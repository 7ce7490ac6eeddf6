/** Headers of our own. */

/** On a POST: the same key with the same request has its effect once and gets the same answer. */
export const idempotencyKeyHeader = 'Idempotency-Key';
/** On an answer that was given before. */
export const replayHeader = 'Idempotent-Replay';
export const requestIdHeader = 'X-Request-Id';
