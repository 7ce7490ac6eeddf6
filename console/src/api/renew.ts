/** Loads again what news made old: news that come together cost one look, and news that keep coming cannot keep an answer away. */
import type { QueryClient, QueryKey } from '@tanstack/react-query';

/** Between two looks at the same thing. */
const pauseMs = 250;

/** Answers what to call with each key that became old; the empty key is everything. */
export function createRenewal(client: QueryClient): (key: QueryKey) => void {
  const old = new Map<string, QueryKey>();
  let isBusy = false;
  const work = async () => {
    isBusy = true;
    while (old.size > 0) {
      const keys = [...old.values()];
      old.clear();
      await Promise.all(keys.map((key) => renew(client, key)));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    isBusy = false;
  };
  return (key) => {
    old.set(JSON.stringify(key), key);
    if (!isBusy) void work();
  };
}

/** An answer that is on its way may have been made before the news: it is let arrive, and asked for again. */
async function renew(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const isUnderWay = client.isFetching({ queryKey }) > 0;
  if (isUnderWay) await client.refetchQueries({ queryKey, fetchStatus: 'fetching' }, { cancelRefetch: false });
  await client.invalidateQueries({ queryKey }, { cancelRefetch: false });
}
