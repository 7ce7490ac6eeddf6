import type { NotesView } from '../../api/contract/changes.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { notesPath, renderNotes } from '../text/notes.ts';

/** Accepts what is shown: the text that was just read is named, so that nobody can put another one in between. */
export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const release = invocation.arguments[0];
  const client = await connect(invocation);
  const shown = await client.get<NotesView>(await notesPath(invocation, client), { release });
  output.progress(renderNotes(shown));
  const view = await client.post<NotesView>(await notesPath(invocation, client, 'accept-notes'), {
    release,
    digest: options['digest'] ?? shown.digest,
  });
  output.answer(view, () => `accepted: release notes of #${view.release} for ${view.environment}`);
  return 0;
};
