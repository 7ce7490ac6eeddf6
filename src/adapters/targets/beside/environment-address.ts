/** Where people reach an environment. */
import type { TargetSpec } from '../../../domain/pipeline/environment.ts';
import type { Deployment } from '../../../ports/target.ts';

const here = '127.0.0.1';

export function hostOf(target: TargetSpec): string {
  return 'host' in target && target.host !== undefined ? target.host : here;
}

export function publicUrl({ port }: Deployment): string | undefined {
  return port === undefined ? undefined : `http://${here}:${port}`;
}
