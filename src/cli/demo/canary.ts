/** Releases under the eyes of customers: a good one that nobody notices, and a bad one that is sent back by itself. */
import { invite, type Customers } from './customers.ts';
import { admit, releaseChange, type Change } from './release.ts';
import { environment, type Stage } from './stage.ts';

/** Answers the number of the release that production serves at the end. */
export async function goodCanary(stage: Stage, change: Change): Promise<number> {
  return withCustomers(stage, async (customers) => {
    const number = await releaseChange(stage, change);
    const { answered, failed } = customers.seen();
    if (failed > 0)
      throw new Error(`${failed} of ${answered + failed} requests of customers failed during a good release`);
    stage.timeline.say(`customers: ${answered} requests, none failed while production changed`);
    return number;
  });
}

/** What no test asked for fails for some customers: the canary notices, and everybody is back on the release before. */
export async function badCanary(stage: Stage, change: Change): Promise<void> {
  const { timeline } = stage;
  await withCustomers(stage, async (customers) => {
    const number = await admit(stage, change);
    await timeline.until(`production to send #${number} back`, (status) => {
      const { running, active, last } = environment(status, 'production');
      const isBack = last?.release.number === number && last.outcome === 'failed';
      return active === null && isBack && running?.release.number !== number ? true : undefined;
    });
    const { answered, failed } = customers.seen();
    timeline.say(
      `customers: ${failed} of ${answered + failed} requests failed, until the canary was sent back by itself`,
    );
  });
}

/** A canary can only be judged by those who ask. */
export async function withCustomers<T>(stage: Stage, act: (customers: Customers) => Promise<T>): Promise<T> {
  const address = await stage.timeline.until(
    'the address of production',
    (status) => environment(status, 'production').url ?? undefined,
  );
  const customers = invite(address);
  try {
    return await act(customers);
  } finally {
    await customers.leave();
  }
}
