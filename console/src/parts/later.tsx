import { lazy, type ComponentType } from 'react';

/** A part of the console that is loaded when it is wanted; when it does not come, that is said in its place. */
export function later<Props extends object>(load: () => Promise<{ readonly default: ComponentType<Props> }>) {
  return lazy(() => load().catch(() => ({ default: Missing as ComponentType<Props> })));
}

function Missing() {
  return (
    <div className="sheet stack" role="alert">
      <p>
        <strong>This could not be shown: </strong>this part of the console did not load. The server does not answer, or
        it is a newer one by now.
      </p>
      <div className="row">
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    </div>
  );
}
