/** What each gate answered: what was looked at, what would open it, and when it is asked again. */
import type { AnswerView } from '../../../src/api/contract/promotions.ts';
import { Ago } from './ago.tsx';
import { State, type Tone } from './state.tsx';

const tones: Readonly<Record<AnswerView['answer'], Tone>> = { open: 'good', waiting: 'wait', closed: 'bad' };

export function Gates({ answers }: { readonly answers: readonly AnswerView[] }) {
  if (answers.length === 0) return <p className="quiet">No gate stands before it.</p>;
  return (
    <table className="gates">
      <thead>
        <tr>
          <th scope="col">Gate</th>
          <th scope="col">Answer</th>
          <th scope="col">Because</th>
          <th scope="col">What opens it</th>
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
            <td>
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
