import type { UseQueryResult } from '@tanstack/react-query';
import type { FindingView } from '../../../../src/api/contract/doctor.ts';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';

const tones: Readonly<Record<FindingView['result'], Tone>> = { ok: 'good', warning: 'wait', problem: 'bad' };
const ranks: Readonly<Record<FindingView['result'], number>> = { problem: 0, warning: 1, ok: 2 };

/** What `doctor` finds of it, what is wrong first, and what mends it. */
export function Checkup({
  what,
  query,
  command,
}: {
  readonly what: string;
  readonly query: UseQueryResult<{ readonly findings: readonly FindingView[] }>;
  readonly command: string;
}) {
  return (
    <section className="sheet stack" aria-label={`Checks: ${what}`}>
      <h2>Checks: {what}</h2>
      <Shown query={query} what={`the checks of ${what}`}>
        {({ findings }) => (
          <Table label={`Checks of ${what}`} columns={['Check', 'Result', 'Found', 'What mends it']}>
            {findings
              .toSorted((left, right) => ranks[left.result] - ranks[right.result])
              .map(({ check, result, found, todo }) => (
                <tr key={check}>
                  <th scope="row">{check}</th>
                  <td>
                    <State tone={tones[result]} word={result} />
                  </td>
                  <td className="anywhere">{found}</td>
                  <td className="anywhere">
                    {todo === null ? (
                      <span className="quiet">—</span>
                    ) : todo.startsWith('liftlock ') ? (
                      <Command text={todo} />
                    ) : (
                      todo
                    )}
                  </td>
                </tr>
              ))}
          </Table>
        )}
      </Shown>
      <Command text={command} />
    </section>
  );
}
