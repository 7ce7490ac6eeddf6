/** A real OpenID provider on this machine, at which whoever the test says is signed in without being asked. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type LoadGrant } from 'oidc-provider';

export interface Account {
  readonly subject: string;
  readonly email: string;
  readonly verified: boolean;
}

export interface TestProvider {
  readonly issuer: string;
  /** Host and port, for the operator to allow. */
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lets browsers be sent back to these addresses. */
  open(redirectUris: readonly string[]): void;
  /** Who sits at the browser from now on. */
  become(account: Account): void;
  /** What a browser does with `url`: follows redirects within the provider, and answers the first that leads elsewhere. */
  visit(url: string): Promise<string>;
  close(): void;
}

export async function openProvider(): Promise<TestProvider> {
  const server: Server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `http://${host}`;
  const client = { clientId: 'liftlock', clientSecret: 'a secret of the client that is long enough' };
  let account: Account;
  let handle: Parameters<typeof createServer>[1] & object = (_, response) => void response.writeHead(503).end();

  return {
    issuer,
    host,
    ...client,
    become: (next) => void (account = next),
    open(redirectUris) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: redirectUris }],
        findAccount: (_: unknown, subject: string) => ({
          accountId: subject,
          claims: async () => ({ sub: subject, email: account.email, email_verified: account.verified }),
        }),
        claims: { openid: ['sub'], email: ['email', 'email_verified'] },
        pkce: { required: () => true },
        cookies: { keys: ['a key for the cookies of the provider'] },
        features: { devInteractions: { enabled: false } },
        loadExistingGrant: (async ({ oidc }) => {
          const grant = new provider.Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId });
          grant.addOIDCScope('openid email');
          await grant.save();
          return grant;
        }) satisfies LoadGrant,
        interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      });
      const answer = provider.callback();
      handle = (request, response) => {
        if (request.url?.startsWith('/interaction/') !== true) return answer(request, response);
        const result = { login: { accountId: account.subject, remember: false } };
        return void provider.interactionFinished(request, response, result);
      };
    },
    async visit(start) {
      const cookies = new Map<string, string>();
      for (let url = start; ;) {
        if (!url.startsWith(issuer)) return url;
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const set of response.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
          cookies.set(name!, value!);
        }
        const next = response.headers.get('location');
        if (next === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
        await response.body?.cancel();
        url = new URL(next, url).href;
      }
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
