import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ChangeView } from '../../api/contract/changes.ts';
import { canonicalJson, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

/** Exactly the bytes of which the digest is told, without a line break at the end. */
export const act: Act = async (invocation) => {
  const { options, output, directory } = invocation;
  const client = await connect(invocation);
  const view = await client.get<ChangeView>(
    `${await projectPath(invocation, client)}/changes/${encodeURIComponent(invocation.arguments[0]!)}`,
  );
  const text = canonicalJson(view.document as Json);
  const { file } = options;
  if (typeof file !== 'string') {
    output.answer(view.document, () => text);
    return 0;
  }
  await writeFile(resolve(directory, file), text).catch((error: Error) => {
    throw new Failure('input/invalid', `${file} cannot be written: ${error.message}`, { cause: error });
  });
  output.answer({ file, digest: view.digest }, () => `wrote ${file} (${view.digest})`);
  return 0;
};
