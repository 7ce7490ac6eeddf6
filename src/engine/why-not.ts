import { asFailure } from '../domain/base/failure.ts';

/**
 * Why an act came to nothing, as it answers or throws it; `undefined` when it did not. @throws Failure `database/unreachable`: then
 * nothing can be recorded either.
 */
export async function whyNot(act: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await act();
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return failure.message;
  }
}
