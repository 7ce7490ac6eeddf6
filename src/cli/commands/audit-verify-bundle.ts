import { createHash } from 'node:crypto';
import { checkBundle, type CheckedBundle } from '../../domain/audit/bundle.ts';
import { preciseTime } from '../../domain/audit/cloud-event.ts';
import { canonicalJson, type Digest, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import { releaseId, type ReleaseContent } from '../../domain/release/release.ts';
import { refusedAs } from '../audit/refused.ts';
import { givenTrust, readText } from '../audit/trust.ts';
import type { Act } from '../invocation.ts';

/** Needs no server. */
export const act: Act = async (invocation) => {
  const [file] = invocation.arguments;
  const trust = await givenTrust(invocation);
  const text = await readText(invocation, file!);
  return refusedAs(invocation.output, () => {
    const checked = checkBundle(trust, text);
    checkContent(checked);
    const { subject, at, events, record, checkpoint } = checked;
    invocation.output.answer(
      { ok: true, subject, at, checkpoint: { origin: checkpoint.origin, size: checkpoint.size }, record, events },
      () => render(checked, invocation.output.style.good),
    );
  });
};

/** What the record says can be nothing else, as far as the subject's id or an event of the log fixes it. */
function checkContent(checked: CheckedBundle): void {
  const isRight = checked.subject.kind === 'release' ? isContentOf(checked) : isDocumentOf(checked);
  if (!isRight)
    throw new Failure(
      'audit/inconsistent',
      `what the bundle says of ${checked.subject.id} is not what was recorded of it`,
    );
}

/** The id of a release is the hash of what it is made of. */
function isContentOf({ subject, record }: CheckedBundle): boolean {
  const { project, content } = record as unknown as { project?: { id?: ProjectId }; content?: ReleaseContent };
  return project?.id !== undefined && content !== undefined && releaseId(project.id, content, sha256) === subject.id;
}

/** The document of a change was recorded when it began; what came of it was added since. */
function isDocumentOf({ record, events }: CheckedBundle): boolean {
  const { outcome: _outcome, links: _links, ...begun } = (record['document'] ?? {}) as Record<string, Json>;
  const opened = events.findLast(({ event }) => event.kind === 'change.opened');
  return opened?.event.data['document'] === sha256(canonicalJson(begun));
}

function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}

function render({ subject, at, events, checkpoint, signedBy }: CheckedBundle, good: (text: string) => string): string {
  return [
    good(`the record of ${subject.kind} ${subject.id} holds: signed by ${signedBy.name}, ${preciseTime(at)}`),
    `  ${events.length} events, each proved to be in the log ${checkpoint.origin} as of ${checkpoint.size} entries`,
    ...events.map(
      ({ index, event }) =>
        `  ${String(index).padStart(6)}  ${preciseTime(event.at)}  ${event.kind.padEnd(24)} ${event.actor}`,
    ),
  ].join('\n');
}
