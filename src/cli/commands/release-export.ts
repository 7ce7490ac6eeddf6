import { writeOut } from '../audit/write-out.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release] = invocation.arguments;
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release!)}/bundle`;
  const { bundle } = await client.get<{ bundle: string }>(path);
  const file = await writeOut(invocation, [bundle]);
  if (file !== undefined)
    invocation.output.answer(
      { file },
      () => `the record of release ${release} is in ${file}; liftlock audit verify-bundle ${file} --key FILE checks it`,
    );
  return 0;
};
