import { Failure } from '../../domain/base/failure.ts';

/** Keeps on disk what is in force already. @throws Failure `traffic/not-kept` */
export async function keepWhatIsInForce(by: string, keep: () => Promise<unknown>): Promise<void> {
  try {
    await keep();
  } catch (thrown) {
    throw new Failure(
      'traffic/not-kept',
      `${by} leads the requests as told, but that cannot be kept for when it is started again: ${(thrown as Error).message}`,
      { hint: 'Make room where Liftlock keeps its data, then do it again.', cause: thrown },
    );
  }
}
