/** What each gate answered: what was looked at, what would open it, and when it is asked again. */
import type { AnswerView } from '../../../src/api/contract/promotions.ts';
import { Ago } from './ago.tsx';
import { State, type Tone } from './state.tsx';
import { columnNames } from './table.tsx';

const tones: Readonly<Record<AnswerView['answer'], Tone>> = { open: 'good', waiting: 'wait', closed: 'bad' };

const columns = ['Gate', 'Answer', 'Because', 'What opens it'];

export function Gates({ answers }: { readonly answers: readonly AnswerView[] }) {
  if (answers.length === 0) return <p className="quiet">No gate stands before it.</p>;
  return (
    <table className="gates" style={columnNames(columns)}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answers.map((answer) => (
          <tr key={answer.gate}>
            <th scope="row">{answer.gate}</th>
            <td>
              <State tone={tones[answer.answer]} word={answer.answer} />
            </td>
            <td>{answer.because}</td>
            <td className={answer.unblock === null && answer.askAgainAt === null ? 'none' : ''}>
              {answer.unblock ?? <span className="quiet">—</span>}
              {answer.askAgainAt === null ? null : (
                <span className="quiet small">
                  {' '}
                  (asked again <Ago at={answer.askAgainAt} />)
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
