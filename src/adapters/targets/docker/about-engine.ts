import { z } from 'zod';
import type { Engine } from './engine.ts';

export interface AboutEngine {
  readonly socket: string;
  readonly version: string;
  /** Containers go on while the engine is restarted. */
  readonly liveRestore: boolean;
  /** Limits that it says it cannot hold. */
  readonly warnings: readonly string[];
}

const info = z.object({
  ServerVersion: z.string(),
  LiveRestoreEnabled: z.boolean().optional(),
  Warnings: z.array(z.string()).nullish(),
});

/** @throws Failure when nobody answers, or may. */
export async function aboutEngine(engine: Engine): Promise<AboutEngine> {
  const said = await engine.ask({ method: 'GET', path: '/info' }, info);
  return {
    socket: engine.socket,
    version: said.ServerVersion,
    liveRestore: said.LiveRestoreEnabled ?? false,
    warnings: (said.Warnings ?? []).filter((text) => /\bNo (?:memory|cpu|pids)\b/i.test(text)),
  };
}
