/** What could not be shown, why, and what to do. */
import { Refused } from '../api/call.ts';
import { sentence } from './sentence.ts';

export function Trouble({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const problem = error instanceof Refused ? error.problem : undefined;
  // What is not there, or not yet, is no fault to be told of as one.
  const isAbsent = problem?.status === 404 || problem?.status === 409;
  const said = problem?.detail ?? (error instanceof Error ? error.message : String(error));
  const isRefused = problem !== undefined && problem.status >= 400 && problem.status < 500 && problem.status !== 429;
  return (
    <div className="sheet stack" role="alert">
      <p>
        {isAbsent ? (
          sentence(said)
        ) : (
          <>
            <strong>This could not be shown: </strong>
            {said}
          </>
        )}
      </p>
      {problem?.hint === undefined ? null : <p className="quiet">→ {problem.hint}</p>}
      {isAbsent ? null : (
        <div className="row">
          {onRetry === undefined || isRefused ? null : (
            <button type="button" onClick={onRetry}>
              Try again
            </button>
          )}
          {problem?.request_id === undefined ? null : (
            <span className="quiet small">
              request <span className="id">{problem.request_id}</span>
            </span>
          )}
        </div>
      )}
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="sheet quiet" role="status">
      Loading {what}…
    </p>
  );
}
