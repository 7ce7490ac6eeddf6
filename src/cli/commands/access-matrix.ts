import type { MatrixView } from '../../api/contract/access.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

/** The matrix as the server enforces it. */
export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const matrix = await (await connect(invocation)).get<MatrixView>('/api/v1/access/matrix');
  output.answer(matrix, () => (options['csv'] === true ? csvOf(matrix) : textOf(matrix)));
  return 0;
};

type Rule = MatrixView['rules'][number];

function textOf({ roles, rules, kinds }: MatrixView): string {
  const names = roles.map(({ role }) => role);
  const short = new Map(kinds.map((kind) => [kind, kind.slice(0, 3)]));
  const cell = (rule: Rule, role: Rule['action'] | string): string => {
    const allowed = rule.allows[role as keyof Rule['allows']];
    if (rule.scope === 'self') return 'yes';
    if (allowed === undefined) return '-';
    if (rule.scope !== 'environment' || allowed.length === kinds.length) return 'yes';
    return allowed.map((kind) => short.get(kind)).join('+');
  };
  return [
    table([
      ['action', 'about', ...names],
      ...rules.map((rule) => [rule.action, rule.scope, ...names.map((role) => cell(rule, role))]),
    ]),
    '',
    table(roles.map(({ role, meaning }) => [role, meaning])),
    '',
    `${kinds.map((kind) => `${short.get(kind)} ${kind}`).join(', ')}. What is not allowed here is refused.`,
  ].join('\n');
}

/** One line for each role, action and kind that is allowed. None of the words begins as a formula would. */
function csvOf({ rules, kinds, roles }: MatrixView): string {
  const lines = rules.flatMap(({ action, scope, allows }) =>
    roles.flatMap(({ role }) => {
      if (scope === 'self') return [[action, scope, role, '']];
      const allowed = allows[role];
      if (allowed === undefined) return [];
      const each = scope === 'environment' ? kinds.filter((kind) => allowed.includes(kind)) : [''];
      return each.map((kind) => [action, scope, role, kind]);
    }),
  );
  return [['action', 'about', 'role', 'kind'], ...lines].map((line) => line.join(',')).join('\n');
}
