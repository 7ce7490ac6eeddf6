import { parseCheckpoint } from '../../domain/audit/checkpoint.ts';
import { parseNote } from '../../domain/audit/note.ts';
import { Failure } from '../../domain/base/failure.ts';
import { lookAtAudit, servedCheckpoints } from '../audit/served-log.ts';
import { writeOut } from '../audit/write-out.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

/** Whoever keeps one of these elsewhere can tell later whether the log was changed before it. */
export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const { checkpoint, refused } = await lookAtAudit(client);
  if (refused !== null) throw new Failure('audit/inconsistent', refused, { hint: 'liftlock audit verify' });
  if (checkpoint === null) throw new Failure('audit/unknown', 'nothing is recorded yet', { hint: 'liftlock status' });
  const notes = invocation.options['all'] === true ? await servedCheckpoints(client, sizeOf) : [checkpoint];
  const file = await writeOut(invocation, [notes.join('\n')]);
  if (file !== undefined)
    invocation.output.answer(
      { file, size: sizeOf(checkpoint) },
      () =>
        `the checkpoint of ${sizeOf(checkpoint)} entries is in ${file}; keep it where nobody who keeps the log can reach it`,
    );
  return 0;
};

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note).text).size;
}
