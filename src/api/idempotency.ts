/** The same request with the same key has its effect once, however often and at however many servers it is made. */
import { canonicalJson, type Digest, type Json } from '../domain/base/digest.ts';
import { Failure } from '../domain/base/failure.ts';
import type { StoredAnswer } from '../ports/records.ts';
import type { Transaction } from '../ports/store.ts';
import type { World } from '../engine/world.ts';
import { idempotencyKeyHeader } from './contract/headers.ts';

export interface Keyed {
  readonly actor: string;
  readonly key: string;
  /** Of everything that makes the request what it is. */
  readonly digest: Digest;
}

export interface Done {
  readonly status: number;
  readonly body: unknown;
  readonly replayed: boolean;
}

export interface Work {
  /** Before the transaction; what it refuses does not matter to a request that had its effect already. */
  readonly prepare: () => Promise<void>;
  readonly act: (tx: Transaction) => Promise<{ status: number; body: unknown }>;
}

export function keyOf(header: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw new Failure('input/invalid', `${idempotencyKeyHeader} must be 1 to 200 visible ASCII characters`);
}

export function digestOf(
  world: Pick<World, 'sha256'>,
  request: { method: string; path: string; query: Json; body: unknown },
): Digest {
  return world.sha256(canonicalJson({ ...request, body: request.body as Json }));
}

/**
 * Effect and record are one transaction. Of several at once the first to commit wins: the others find its record in
 * their way, or fail on its effect, are rolled back, and get its answer. A refused request leaves no record; asking again judges anew.
 * @throws Failure `request/idempotency-mismatch` when the key came with another request before.
 */
export async function once(world: World, keyed: Keyed, { prepare, act }: Work): Promise<Done> {
  try {
    await prepare();
    return await world.store.transaction(async (tx) => {
      const earlier = await tx.idempotency.find(keyed.actor, keyed.key);
      if (earlier !== undefined) return replay(earlier, keyed);
      const done = await act(tx);
      const answer: StoredAnswer = {
        requestDigest: keyed.digest,
        status: done.status,
        body: done.body as Json,
        at: world.clock.now(),
      };
      if (await tx.idempotency.insert(keyed.actor, keyed.key, answer)) return { ...done, replayed: false };
      throw new Failure('request/conflict', `a request with this ${idempotencyKeyHeader} is being answered`, {
        hint: 'Ask again.',
      });
    });
  } catch (thrown) {
    const winner = await world.store
      .transaction((tx) => tx.idempotency.find(keyed.actor, keyed.key))
      .catch(() => undefined);
    if (winner === undefined) throw thrown;
    return replay(winner, keyed);
  }
}

function replay(earlier: StoredAnswer, { digest }: Keyed): Done {
  if (earlier.requestDigest === digest) return { status: earlier.status, body: earlier.body, replayed: true };
  throw new Failure('request/idempotency-mismatch', `this ${idempotencyKeyHeader} was used for another request`, {
    hint: 'Use a new key for a new request; use the same key only to repeat one.',
  });
}
