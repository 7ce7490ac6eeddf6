import { actors } from '../announce.ts';
import type { World } from '../world.ts';

/** Makes the key of this installation known to all who share the database, so that they can verify what it signs. */
export async function announceKey(world: World): Promise<void> {
  const { key } = world.attestations;
  await world.store.transaction(async (tx) => {
    const at = world.clock.now();
    if (!(await tx.installationKeys.add(key, at))) return;
    await tx.events.append({
      kind: 'installation-key.added',
      actor: actors.engine,
      at,
      data: { key: key.id, publicKey: key.publicKey },
    });
  });
}
