/** How long what was where: a line for each, on one scale of time, with the same told in words beside it. */
import type { ReactNode } from 'react';
import { Ago, lengthInWords } from './ago.tsx';
import './stays.css';

export interface Stay {
  readonly key: string;
  readonly name: ReactNode;
  readonly from: number;
  /** null: it goes on. */
  readonly until: number | null;
}

/** `at`: the moment of the picture. */
export function Stays({ stays, at }: { readonly stays: readonly Stay[]; readonly at: number }) {
  const first = Math.min(...stays.map(({ from }) => from));
  const whole = Math.max(1, at - first);
  return (
    <div className="stack tight">
      <ul className="stays">
        {stays.map(({ key, name, from, until }) => (
          <li key={key}>
            <span className="name clamp">{name}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect className="track" width="100" height="10" />
              <rect
                className={until === null ? 'stay on' : 'stay'}
                x={(100 * (from - first)) / whole}
                width={Math.max(0.5, (100 * ((until ?? at) - from)) / whole)}
                height="10"
              />
            </svg>
            <span className="small">
              {lengthInWords((until ?? at) - from)}
              {until === null ? (
                ', still there'
              ) : (
                <span className="quiet">
                  , until <Ago at={until} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className="quiet small">
        The lines begin <Ago at={first} /> and end now.
      </p>
    </div>
  );
}
