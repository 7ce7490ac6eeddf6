import { checkProofDocument } from '../../domain/audit/proved.ts';
import { preciseTime } from '../../domain/audit/cloud-event.ts';
import { refusedAs } from '../audit/refused.ts';
import { givenTrust, readText } from '../audit/trust.ts';
import type { Act } from '../invocation.ts';

/** Needs no server. */
export const act: Act = async (invocation) => {
  const [file] = invocation.arguments;
  const trust = await givenTrust(invocation);
  const text = await readText(invocation, file!);
  return refusedAs(invocation.output, () => {
    const { index, event, erased, checkpoint } = checkProofDocument(trust, text);
    const { origin, size } = checkpoint;
    invocation.output.answer(
      { ok: true, entry: index, event, erased, checkpoint: { origin, size, at: checkpoint.at ?? null } },
      () =>
        [
          invocation.output.style.good(`entry ${index} is in the log ${origin}, as it was signed at ${size} entries`),
          `  ${preciseTime(event.at)}  ${event.kind}  ${event.actor}`,
          `  ${JSON.stringify(event.data)}`,
        ].join('\n'),
    );
  });
};
