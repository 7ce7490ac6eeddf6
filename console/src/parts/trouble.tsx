/** What could not be shown, why, and what to do. */
import { Refused } from '../api/call.ts';

export function Trouble({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const problem = error instanceof Refused ? error.problem : undefined;
  return (
    <div className="sheet stack" role="alert">
      <p>
        <strong>This could not be shown: </strong>
        {problem?.detail ?? (error instanceof Error ? error.message : String(error))}
      </p>
      {problem?.hint === undefined ? null : <p>{problem.hint}</p>}
      <div className="row">
        {onRetry === undefined ? null : (
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
