import type { PlanView } from '../../api/contract/explanations.ts';
import { approversText } from '../text/approvers.ts';
import { connect, type Client } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Style } from '../output.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { renderAnswer } from './why.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const client = await connect(invocation);
  const view = await client.get<PlanView>(`${await projectPath(invocation, client)}/plan`, { release, environment });
  if (invocation.options['accept'] === true) return accept(invocation, client, view);
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

/** The plan that was just shown is the one that is accepted, unless the person names the one that he read. */
async function accept({ arguments: [release], options, output, ...rest }: Invocation, client: Client, view: PlanView) {
  output.progress(render(view, output.style));
  const path = await projectPath({ arguments: [], options, output, ...rest }, client);
  const answer = await client.post<{ promotion: string; planHash: string }>(
    `${path}/environments/${encodeURIComponent(view.environment)}/accept-plan`,
    { release, planHash: options['plan'] ?? view.planHash, reason: options['reason'] ?? 'no reason given' },
  );
  output.answer(answer, () => `accepted: the plan of ${answer.promotion} (${answer.planHash})`);
  return 0;
}

function render(view: PlanView, style: Style): string {
  const from = view.replaces === null ? 'nothing' : `#${view.replaces.number} ${view.replaces.title}`;
  const lines = [
    style.bold(`${view.environment}: #${view.release.number} ${view.release.title}`),
    `  replaces   ${from} (${view.direction})`,
    `  artifact   ${view.artifact}`,
    `  plan       ${view.planHash}`,
  ];
  if (view.commits.length > 0)
    lines.push(
      '',
      'commits',
      ...view.commits.map((commit) => `  ${shortCommit(commit.id)} ${commit.subject} (${commit.author})`),
    );
  lines.push(...changes('migrations', view.migrations), ...changes('variables', view.variables));
  lines.push('', 'steps', ...view.steps.map((step, index) => `  ${index + 1}. ${step}`));
  lines.push('', 'gates', ...view.answers.flatMap((answer) => renderAnswer(answer, style)));
  const approvers = approversText(view.approvers);
  if (approvers.length > 0) lines.push('', ...approvers);
  return lines.join('\n');
}

function changes(title: string, { added, changed, removed }: PlanView['variables']): readonly string[] {
  const lines = [
    ...added.map((name) => `  + ${name}`),
    ...changed.map((name) => `  ~ ${name}`),
    ...removed.map((name) => `  - ${name}`),
  ];
  return lines.length === 0 ? [] : ['', title, ...lines];
}
