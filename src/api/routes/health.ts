import { Failure } from '../../domain/base/failure.ts';
import type { World } from '../../engine/world.ts';
import { liveness, metrics, openapiDocument, readiness } from '../contract/health.ts';
import type { Figures } from '../figures.ts';
import { query, type Route } from '../route.ts';

/** Longer than that, and whoever asks had better ask somebody else. */
const patienceMs = 2_000;

export function healthRoutes(parts: {
  version: string;
  figures: Figures;
  openapi: () => { openapi: string };
}): readonly Route[] {
  const { version, figures } = parts;
  const reach = oneAtATime(reachStore);
  return [
    query(liveness, async () => ({ status: 'ok' as const, version })),
    query(readiness, async (world) => {
      await reach(world);
      return { status: 'ok' as const, version };
    }),
    { kind: 'text', endpoint: metrics, write: () => figures.write() },
    query(openapiDocument, async () => parts.openapi()),
  ];
}

async function reachStore({ store }: World): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Failure('database/unreachable', `the database did not answer within ${patienceMs / 1000} s`)),
      patienceMs,
    );
  });
  try {
    await Promise.race([store.transaction((tx) => tx.idempotency.find('', '')), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Anybody may ask, so however many do, the store is asked once at a time. */
function oneAtATime(act: (world: World) => Promise<void>): (world: World) => Promise<void> {
  let underWay: Promise<void> | undefined;
  return (world) => (underWay ??= act(world).finally(() => (underWay = undefined)));
}
