import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { NotesView } from '../../api/contract/changes.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { notesPath, renderNotes } from '../text/notes.ts';

const mostBytes = 200_000;

export const act: Act = async (invocation) => {
  const body = await textOf(invocation);
  const client = await connect(invocation);
  const view = await client.post<NotesView>(await notesPath(invocation, client), {
    release: invocation.arguments[0],
    body,
  });
  invocation.output.answer(view, () => renderNotes(view));
  return 0;
};

async function textOf({ options, directory }: Invocation): Promise<string> {
  const { file } = options;
  if (typeof file === 'string')
    return readFile(resolve(directory, file), 'utf8').catch((error: Error) => {
      throw new Failure('input/invalid', `${file} cannot be read: ${error.message}`, { cause: error });
    });
  if (process.stdin.isTTY)
    throw new Failure('input/invalid', 'the text is read from a file or from standard input', {
      hint: 'liftlock notes show 12 production > notes.md; edit it; liftlock notes edit 12 production --file notes.md',
    });
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > mostBytes) throw new Failure('input/too-large', 'release notes are not that long');
  }
  return text;
}
