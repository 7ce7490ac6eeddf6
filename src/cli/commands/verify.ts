import type { VerifiedRefView } from '../../api/contract/trust.ts';
import { connect } from '../client.ts';
import type { Style } from '../output.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const ref = invocation.arguments[0]!;
  const client = await connect(invocation);
  const view = await client.get<VerifiedRefView>(`${await projectPath(invocation, client)}/verify`, { ref });
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

function render(view: VerifiedRefView, style: Style): string {
  const lines = view.tagObject === null ? [] : [style.dim(`${view.ref} is tag object ${view.tagObject}`)];
  for (const one of view.classes) {
    lines.push('', style.bold(one.sentence), ...(one.basis === null ? [] : [`  rests on: ${wordsOf(one.basis)}`]));
    for (const { code, passed, sentence, hint } of one.checks) {
      lines.push(`  ${passed ? style.good('✓') : style.bad('✗')} ${code.padEnd(28)} ${sentence}`);
      if (hint !== null) lines.push(`${' '.repeat(33)}→ ${hint}`);
    }
  }
  return lines.join('\n').trimStart();
}

function wordsOf(basis: string): string {
  const words: Readonly<Record<string, string>> = {
    branch: 'the branch; nobody had to sign',
    'maintainer-signature': 'a maintainer`s signature',
    'hosted-acceptance': 'a platform`s signature, and a maintainer`s acceptance here; no person signed it',
    'release-manager-signature': 'a release manager`s signature',
    'none-asked': 'nothing: trust.signatures is none',
  };
  return words[basis] ?? basis;
}
