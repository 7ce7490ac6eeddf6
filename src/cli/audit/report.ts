/** What checking an audit log found, for people and programs. */
import type { LogFindings } from '../../domain/audit/verify-log.ts';
import type { Output } from '../output.ts';

/** What was checked is not what it should be. */
export const differs = 6;

const problemsShown = 20;

/** Tells it and answers the exit code. `remarks` are about how it was checked. */
export function reportLog(output: Output, findings: LogFindings, remarks: readonly string[]): number {
  const { problems, entries, covered, checkpoints, erased } = findings;
  const [first] = problems;
  const document = {
    ok: first === undefined,
    entries,
    covered,
    checkpoints,
    erased,
    first: first ?? null,
    problems,
    remarks,
  };
  output.answer(document, () => {
    const { style } = output;
    const head =
      first === undefined
        ? style.good(
            `the audit log is as it was signed: ${entries} entries, ${covered} of them covered by ${checkpoints} checkpoints`,
          )
        : style.bad(`the audit log was changed; the first entry that is wrong is ${first.entry}`);
    const told = problems.slice(0, problemsShown).map(({ code, message }) => `  ${code}  ${message}`);
    const more = problems.length > problemsShown ? [`  and ${problems.length - problemsShown} more`] : [];
    const gone = erased > 0 ? [`${erased} texts about people were erased`] : [];
    return [head, ...told, ...more, ...gone, ...remarks].join('\n');
  });
  return first === undefined ? 0 : differs;
}
