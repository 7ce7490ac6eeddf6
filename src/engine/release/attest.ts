/** What Liftlock saw itself becomes evidence: its report is kept, and the result is signed by this installation. */
import type { Evidence } from '../../domain/release/evidence.ts';
import type { Attested } from '../../ports/attestations.ts';
import { actors } from '../announce.ts';
import { newId, type World } from '../world.ts';

/** What is seen; the rest follows. */
export type Seen = Pick<
  Evidence,
  | 'release'
  | 'artifact'
  | 'gitCommit'
  | 'environment'
  | 'promotion'
  | 'kind'
  | 'name'
  | 'verdict'
  | 'summary'
  | 'details'
  | 'milliseconds'
  | 'run'
>;

export interface SeenIn {
  /** Name of the environment. */
  readonly environment: string | undefined;
  readonly report?: { readonly format: string; readonly content: Uint8Array | undefined } | undefined;
  readonly build?: Attested['build'];
}

/** To be recorded by the caller, in his transaction. Doing it again makes another piece of evidence of the same result. */
export async function attest(world: World, seen: Seen, { environment, report, build }: SeenIn): Promise<Evidence> {
  const content = report?.content === undefined ? undefined : await world.contents.put(report.content);
  const evidence = {
    ...seen,
    id: newId(world, 'evd'),
    standing: 'attested' as const,
    by: actors.engine,
    format: content === undefined ? undefined : report?.format,
    content,
    signer: undefined,
    at: world.clock.now(),
    expiresAt: undefined,
  };
  const envelope = world.attestations.attest({ evidence, environment, ...(build === undefined ? {} : { build }) });
  return { ...evidence, envelope: await world.contents.put(envelope) };
}
