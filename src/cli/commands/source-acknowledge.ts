import type { VerifiedRefView } from '../../api/contract/trust.ts';
import { confirm } from '../ask.ts';
import { connect } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const { text } = await client.get<{ text: string }>(`${path}/pipeline`);
  const branch = /^source:[^#]*\bmain:\s*([^\s,}]+)/ms.exec(text)?.[1] ?? 'main';
  const view = await client.get<VerifiedRefView>(`${path}/verify`, { ref: branch });
  const staging = view.classes.find((one) => one.class === 'staging');
  output.progress(`${branch} stands at ${shortCommit(view.commit)}. ${staging?.sentence ?? ''}`);
  output.progress('What it holds now becomes history that starts nothing by itself; what comes after it is judged.');
  if (!(await confirm(invocation, 'Take it so?', 'liftlock source acknowledge'))) return 2;
  const answer = await client.post<{ ref: string; commit: string }>(`${path}/source/acknowledge`, {
    reason: options['reason'] ?? 'no reason given',
  });
  output.answer(answer, () => `${branch} is acknowledged at ${shortCommit(answer.commit)}`);
  return 0;
};
