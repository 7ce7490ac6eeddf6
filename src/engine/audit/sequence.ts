/** Keeps the audit log: again and again, events that are settled get their place in it and a signature over it. */
import { asFailure, type Failure } from '../../domain/base/failure.ts';
import type { AuditLog } from '../../ports/audit.ts';
import type { Notary } from '../../ports/notary.ts';
import { actors } from '../announce.ts';
import type { World } from '../world.ts';

/** The log, and who signs it. */
export interface AuditParts {
  readonly audit: AuditLog;
  readonly notary: Notary;
}

interface SequencerParts extends AuditParts {
  readonly world: Pick<World, 'clock' | 'log' | 'store'>;
}

export interface Sequencer {
  stop(): Promise<void>;
}

const pauseMs = 1_000;
/** Without news it is looked seldom: news may be lost, and what waits for its minute tells none. */
const quietMs = 5_000;
/** After a log that cannot be signed: a person has to look, which takes its time. */
const refusedPauseMs = 60_000;

export function startSequencer(parts: SequencerParts): Sequencer {
  const stopping = new AbortController();
  const running = keepSequencing(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepSequencing(parts: SequencerParts, signal: AbortSignal): Promise<void> {
  const { clock, store } = parts.world;
  let news = true;
  let lookedAt = clock.now();
  let refused: string | undefined;
  const unsubscribe = store.onCommit(() => (news = true));
  while (!signal.aborted) {
    if (news || clock.now() - lookedAt >= quietMs) {
      [news, lookedAt] = [false, clock.now()];
      refused = await look(parts, { signal, refused });
    }
    await clock.sleep(refused === undefined ? pauseMs : refusedPauseMs, signal);
  }
  unsubscribe();
}

/** Answers why the log is not signed any more; tells it once. */
async function look(
  parts: SequencerParts,
  { signal, refused }: { signal: AbortSignal; refused: string | undefined },
): Promise<string | undefined> {
  const failure = await sequenceAll(parts, { signal }).then(() => undefined, asFailure);
  if (failure !== undefined && failure.message !== refused) await tell(parts, failure);
  return failure?.code === 'audit/inconsistent' ? failure.message : undefined;
}

/** Everything that is settled, or that makes whole checkpoints. @throws Failure `audit/inconsistent`. */
export async function sequenceAll(
  { world, audit, notary }: SequencerParts,
  how: { signal?: AbortSignal; atOnce?: true } = {},
): Promise<void> {
  for (let more = true; more && how.signal?.aborted !== true;) {
    const done = await audit.sequence({
      now: world.clock.now(),
      signer: (name) => notary.signer(name),
      lastSigned: await notary.lastSigned(),
      ...(how.atOnce === true ? { atOnce: true } : {}),
    });
    // After the commit: what is remembered was published, and whatever was published continues it.
    if (done.checkpoint !== undefined) await notary.remember(done.checkpoint);
    more = done.more;
  }
}

/** A log that was changed is told in the log of the process, for whoever watches it, and as an event, for whoever reads those. */
async function tell({ world }: SequencerParts, { code, message: reason }: Failure): Promise<void> {
  if (code !== 'audit/inconsistent')
    return world.log.warn('the audit log could not be continued and will be', { code, reason });
  world.log.error('the audit log was changed behind our back and is no longer signed', { reason });
  const event = { kind: 'audit.inconsistent', actor: actors.audit, at: world.clock.now(), data: { reason } };
  await world.store.transaction((tx) => tx.events.append(event)).catch(() => undefined);
}
