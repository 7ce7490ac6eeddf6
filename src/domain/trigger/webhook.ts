/** Who may tell of a change in a repository: forges that sign what they send. */
export const webhookProviders = ['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket'] as const;
export type WebhookProvider = (typeof webhookProviders)[number];
