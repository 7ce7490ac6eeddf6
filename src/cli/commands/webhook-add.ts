import type { NewWebhookView } from '../../api/contract/webhooks.ts';
import { webhookProviders, type WebhookProvider } from '../../domain/trigger/webhook.ts';
import { Failure } from '../../domain/base/failure.ts';
import { parseDuration } from '../../domain/base/time.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

/** Where the secret goes in the settings of the forge. */
const fields: Readonly<Record<WebhookProvider, string>> = {
  github: 'Secret, with content type application/json',
  gitlab: 'Signing token; where there is none yet, Secret token',
  gitea: 'Secret',
  forgejo: 'Secret',
  bitbucket: 'Secret',
};

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const provider = webhookProviders.find((name) => name === invocation.arguments[0]);
  if (provider === undefined)
    throw new Failure('input/invalid', `${invocation.arguments[0]} is none of ${webhookProviders.join(', ')}`);
  const client = await connect(invocation);
  const overlap = typeof options['overlap'] === 'string' ? parseDuration(options['overlap']) : undefined;
  const added = await client.post<NewWebhookView>(`${await projectPath(invocation, client)}/webhooks`, {
    provider,
    ...(overlap === undefined ? {} : { overlap }),
  });
  output.answer(added, () =>
    [
      `webhook ${added.id} for ${provider}`,
      `  address  ${client.url}${added.path}`,
      `           (as the forge reaches this server; behind a proxy its address, with the same path)`,
      `  secret   ${added.secret}`,
      `           goes into: ${fields[provider]}. It is not shown again.`,
    ].join('\n'),
  );
  return 0;
};
