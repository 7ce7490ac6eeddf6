/** The people of the demo: who they are, what they may do, the keys they sign with, and each one's own way to the server. */
import { createPrivateKey } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersonView } from '../../api/contract/people.ts';
import type { NewTokenView } from '../../api/contract/sign-in.ts';
import { asFailure } from '../../domain/base/failure.ts';
import { clientOf, type Client } from '../client.ts';
import type { Author } from './repository.ts';
import { createSigningKey, signingKey, type SigningKey } from './signing-key.ts';

export interface Member extends Author {
  readonly handle: string;
  /** Signed in as this person. */
  readonly client: Client;
}

export interface Cast {
  /** Writes code, and helps out in QA. */
  readonly dana: Member;
  /** Reviews, merges and signs main. */
  readonly mats: Member & { readonly key: SigningKey };
  readonly quinn: Member;
  /** Signs versions. */
  readonly rita: Member & { readonly key: SigningKey };
  /** The other release manager: approves what Rita releases. */
  readonly otis: Member;
}

const roles = {
  dana: { name: 'Dana Developer', roles: ['developer', 'qa'] },
  mats: { name: 'Mats Maintainer', roles: ['maintainer'] },
  quinn: { name: 'Quinn Quality', roles: ['qa'] },
  rita: { name: 'Rita Release', roles: ['release-manager'] },
  otis: { name: 'Otis Operations', roles: ['release-manager'] },
} as const;
type Handle = keyof typeof roles;

/** Makes everybody known, once; keys are kept in `directory`, as people keep theirs. */
export async function gather(admin: Client, directory: string): Promise<Cast> {
  const member = async (handle: Handle): Promise<Member> => {
    const { name } = roles[handle];
    const email = `${handle}@bookshop.example`;
    await makeKnown(admin, { handle, email });
    return { handle, name, email, client: await signIn(admin, handle) };
  };
  const signer = async (handle: Handle) => {
    const known = await member(handle);
    return { ...known, key: await keyOf(admin, directory, known) };
  };
  return {
    dana: await member('dana'),
    mats: await signer('mats'),
    quinn: await member('quinn'),
    rita: await signer('rita'),
    otis: await member('otis'),
  };
}

async function makeKnown(admin: Client, { handle, email }: { handle: Handle; email: string }): Promise<void> {
  const { people } = await admin.get<{ people: readonly PersonView[] }>('/api/v1/people');
  const known = people.find((person) => person.handle === handle);
  if (known === undefined) await admin.post('/api/v1/people', { handle, name: roles[handle].name, emails: [email] });
  for (const role of roles[handle].roles)
    if (known?.rights.some((right) => right.role === role) !== true)
      await admin.post('/api/v1/grants', { person: handle, role, project: 'bookshop', reason: 'the demo' });
}

/** By a link that is good once, like anybody who is new. */
async function signIn(admin: Client, handle: string): Promise<Client> {
  const { code } = await admin.post<{ code: string }>(`/api/v1/people/${handle}/link`, {});
  const { token } = await clientOf({ url: admin.url }).post<NewTokenView>('/api/v1/sign-in', { code, name: 'demo' });
  return clientOf({ url: admin.url, token });
}

async function keyOf(admin: Client, directory: string, { handle, email }: Member): Promise<SigningKey> {
  const file = join(directory, `${handle}.pem`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  const key = kept === undefined ? createSigningKey(email) : signingKey(createPrivateKey(kept), email);
  if (kept === undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, key.pem, { mode: 0o600 });
  }
  await admin.post('/api/v1/signers', { owner: handle, text: `${key.publicKey}\n` }).catch((error: unknown) => {
    // A key that is registered already is registered.
    if (asFailure(error).code !== 'signer/exists') throw error;
  });
  return key;
}
