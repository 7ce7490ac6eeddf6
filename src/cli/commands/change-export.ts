import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ChangeView } from '../../api/contract/changes.ts';
import { canonicalJson, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect, type Client } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

/** Exactly the bytes of which the digest is told, without a line break at the end. */
export const act: Act = async (invocation) => {
  const { options, output, directory } = invocation;
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/changes/${encodeURIComponent(invocation.arguments[0]!)}`;
  if (options['signed'] === true) return exportSigned(invocation, client, path);
  const view = await client.get<ChangeView>(path);
  const text = canonicalJson(view.document as Json);
  const { file } = options;
  if (typeof file !== 'string') {
    output.exact(view.document, text);
    return 0;
  }
  await write(resolve(directory, file), text);
  output.answer({ file, digest: view.digest }, () => `wrote ${file} (${view.digest})`);
  return 0;
};

/** With proofs of all events about it; what `audit verify-bundle` checks. */
async function exportSigned({ options, output, directory }: Invocation, client: Client, path: string): Promise<number> {
  const { bundle } = await client.get<{ bundle: string }>(`${path}/bundle`);
  const { file } = options;
  if (typeof file !== 'string') {
    output.exact({ bundle }, bundle);
    return 0;
  }
  await write(resolve(directory, file), bundle);
  output.answer({ file }, () => `wrote ${file}; liftlock audit verify-bundle ${file} --key FILE checks it`);
  return 0;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: Error) => {
    throw new Failure('input/invalid', `${file} cannot be written: ${error.message}`, { cause: error });
  });
}
