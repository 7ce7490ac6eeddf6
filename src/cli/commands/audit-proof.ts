import type { ProofDocument } from '../../domain/audit/proved.ts';
import { writeOut } from '../audit/write-out.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const [event] = invocation.arguments;
  const client = await connect(invocation);
  const name = event!.replace(/^#/, '');
  const proof = await client.get<ProofDocument>(`/api/v1/audit/proofs/${encodeURIComponent(name)}`);
  const file = await writeOut(invocation, [`${JSON.stringify(proof, null, 2)}\n`]);
  if (file !== undefined)
    invocation.output.answer(
      { file, entry: proof.entry.index },
      () =>
        `the proof of entry ${proof.entry.index} is in ${file}; liftlock audit verify-proof ${file} --key FILE checks it`,
    );
  return 0;
};
