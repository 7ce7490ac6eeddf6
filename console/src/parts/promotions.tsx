import { Link } from 'wouter';
import type { AnswerView, PromotionView } from '../../../src/api/contract/promotions.ts';
import { Ago } from './ago.tsx';
import { State, type Tone } from './state.tsx';
import { columnNames } from './table.tsx';

/** R12: each outcome has a word of its own; how it looks only groups them. */
const outcomeTones: Readonly<Record<NonNullable<PromotionView['outcome']>, Tone>> = {
  succeeded: 'good',
  failed: 'bad',
  errored: 'bad',
  inconclusive: 'wait',
  aborted: 'idle',
  superseded: 'idle',
  refused: 'idle',
  'rolled-back': 'bad',
};

export function PromotionState({ promotion }: { readonly promotion: PromotionView }) {
  if (promotion.state === 'ended')
    return <State tone={outcomeTones[promotion.outcome ?? 'errored']} word={promotion.outcome ?? 'ended'} />;
  if (promotion.state === 'waiting') return <State tone="wait" word="waiting" />;
  return <State tone="busy" word={promotion.stopping ? 'stopping' : (promotion.phase ?? 'running')} />;
}

export function Promotions({
  project,
  promotions,
  show,
  isRecorded = false,
}: {
  readonly project: string;
  readonly promotions: readonly PromotionView[];
  /** Each that began has a change record: those of production. */
  readonly isRecorded?: boolean;
  /** What the heading does not say already. */
  readonly show: 'release' | 'environment';
}) {
  const columns = [show === 'release' ? 'Release' : 'Environment', 'State', 'Asked by', 'Because', 'When'];
  return (
    <table style={columnNames(columns)}>
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
        {promotions.map((promotion) => (
          <tr key={promotion.id}>
            <th scope="row">
              {show === 'release' ? (
                <Link href={`/p/${project}/releases/${promotion.release.number}`}>#{promotion.release.number}</Link>
              ) : (
                <Link href={`/p/${project}/environments/${promotion.environment}`}>{promotion.environment}</Link>
              )}
              {promotion.kind === 'rollback' ? <span className="quiet small"> rollback</span> : null}
            </th>
            <td>
              <PromotionState promotion={promotion} />
            </td>
            <td>{promotion.origin.detail}</td>
            <td>{becauseOf(promotion)}</td>
            <td>
              <Ago at={promotion.endedAt ?? promotion.startedAt ?? promotion.requestedAt} />
              {isRecorded && promotion.startedAt !== null ? (
                <>
                  {' '}
                  <Link href={`/p/${project}/changes/${promotion.id}`}>record</Link>
                </>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function becauseOf(promotion: PromotionView): string {
  const blocking = promotion.state === 'waiting' ? firstBlocking(promotion)?.because : undefined;
  return (promotion.reason ?? blocking)?.split('\n')[0] ?? '';
}

export function firstBlocking({ answers }: PromotionView): AnswerView | undefined {
  return answers.find(({ answer }) => answer !== 'open');
}
