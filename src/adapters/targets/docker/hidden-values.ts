import { hiddenForms, hide, secretsIn } from '../../../domain/base/hidden.ts';
import { labels } from './container-config.ts';
import type { Container } from './containers.ts';

/** A text of a container without the values of its variables that nobody may see: the engine keeps what was written as it was. */
export function hiddenOf({ Config }: Container, text: string): string {
  const variables = Object.fromEntries(
    (Config.Env ?? []).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const names = (Config.Labels?.[labels.hidden] ?? '').split(' ').filter((name) => name !== '');
  return hide(text, hiddenForms([...names.flatMap((name) => variables[name] ?? []), ...secretsIn(variables)]));
}
