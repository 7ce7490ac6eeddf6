/** A document that was checked and does not hold is an answer, not an accident. */
import { asFailure } from '../../domain/base/failure.ts';
import type { Output } from '../output.ts';
import { differs } from './report.ts';

/** Answers the exit code. @throws whatever `check` throws besides Failure `audit/inconsistent`. */
export function refusedAs(output: Output, check: () => void): number {
  try {
    check();
    return 0;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code !== 'audit/inconsistent') throw thrown;
    output.answer({ ok: false, because: failure.message }, () =>
      output.style.bad(`it does not hold: ${failure.message}`),
    );
    return differs;
  }
}
