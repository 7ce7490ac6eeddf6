import type { NotesView } from '../../api/contract/changes.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { notesPath, renderNotes } from '../text/notes.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<NotesView>(await notesPath(invocation, client), { release: invocation.arguments[0] });
  invocation.output.answer(view, () => renderNotes(view));
  return 0;
};
