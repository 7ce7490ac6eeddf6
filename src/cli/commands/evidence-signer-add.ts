import { readFile } from 'node:fs/promises';
import type { EvidenceSignerView } from '../../api/contract/evidence.ts';
import { Failure } from '../../domain/base/failure.ts';
import { uploadedKinds } from '../../domain/release/evidence.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { endOf } from '../text/time.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const [name, file] = invocation.arguments;
  const list = (text: unknown) => (typeof text === 'string' ? text.split(',').map((word) => word.trim()) : undefined);
  const kinds = list(options['kinds']) ?? [];
  const strange = kinds.find((kind) => !(uploadedKinds as readonly string[]).includes(kind));
  if (strange !== undefined)
    throw new Failure('input/invalid', `${strange} is no kind of evidence that a machine attests`, {
      hint: uploadedKinds.join(', '),
    });
  const publicKey = await readFile(file!, 'utf8').catch((error: unknown) => {
    throw new Failure('input/invalid', `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  const projects = list(options['projects']);
  const expires = options['expires'];
  const client = await connect(invocation);
  const signer = await client.post<EvidenceSignerView>('/api/v1/evidence-signers', {
    name,
    publicKey,
    kinds,
    ...(projects === undefined ? {} : { projects }),
    ...(typeof expires === 'string' ? { expiresAt: endOf(expires) } : {}),
  });
  output.answer(
    signer,
    () =>
      `${signer.name} may attest ${signer.kinds.join(', ')} for ${signer.projects?.join(', ') ?? 'every project'}\n  key ${signer.key}`,
  );
  return 0;
};
