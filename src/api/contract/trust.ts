/** Whose signatures count, what they were judged to start, and what maintainers say about main. */
import { z } from 'zod';
import { signatureModes } from '../../domain/pipeline/trust.ts';
import { triggerClasses } from '../../domain/trigger/check.ts';
import { endpoint } from './endpoint.ts';
import { digest, instant, projectParams, reason, releaseParams } from './words.ts';

export const signerView = z
  .object({
    fingerprint: z.string(),
    kind: z.enum(['ssh', 'openpgp']),
    algorithm: z.string(),
    comment: z.string().describe('What the key file says; proves nothing.'),
    owner: z.string().describe('Handle of a person, or name of a platform.'),
    platform: z.boolean().describe('True: it says only that the platform made an object, and nothing about a person.'),
    addedBy: z.string(),
    addedAt: instant,
    expiresAt: instant.nullable(),
    revoked: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'Signer' });
export type SignerView = z.output<typeof signerView>;

export const listSigners = endpoint({
  name: 'signers.list',
  method: 'GET',
  path: '/api/v1/signers',
  permission: 'signer:read',
  summary: 'Every key that is or was trusted, by owner. What its owner may sign follows from the roles he holds now.',
  answer: z.object({ signers: z.array(signerView) }).meta({ id: 'Signers' }),
});

export const addSigner = endpoint({
  name: 'signers.add',
  method: 'POST',
  path: '/api/v1/signers',
  permission: 'signer:manage',
  summary: 'Adds the keys of a person or a platform. A key belongs to one owner, for ever.',
  body: z.strictObject({
    owner: z.string().min(1).max(60).describe('Handle of a person, or name of a platform such as github.com.'),
    platform: z.boolean().default(false).describe('True: the owner is a hosting platform.'),
    text: z.string().min(1).max(500_000).describe('SSH public keys, an allowed_signers file, or an OpenPGP key.'),
    expiresAt: instant.optional(),
  }),
  answer: z.object({ signers: z.array(signerView) }).meta({ id: 'AddedSigners' }),
});

export const revokeSigner = endpoint({
  name: 'signers.revoke',
  method: 'POST',
  path: '/api/v1/signers/{signer}/revoke',
  permission: 'signer:manage',
  summary: 'From now on the key starts nothing; promotions that rested on it and are not over stop.',
  params: z.strictObject({
    signer: z.string().min(8).max(120).describe('Fingerprint, or enough of its beginning.'),
  }),
  body: z.strictObject({ reason }),
  answer: z
    .object({ signer: signerView, stopped: z.array(z.string()).describe('Promotions.') })
    .meta({ id: 'RevokedSigner' }),
});

const checkView = z
  .object({
    code: z.string().describe('Stable; in capitals.'),
    passed: z.boolean(),
    sentence: z.string(),
    hint: z.string().nullable(),
  })
  .meta({ id: 'TriggerCheck' });

export const verifiedRefView = z
  .object({
    project: z.string(),
    ref: z.string(),
    commit: z.string(),
    tagObject: z.string().nullable(),
    signatures: z.enum(signatureModes),
    classes: z.array(
      z
        .object({
          class: z.enum(triggerClasses),
          accepted: z.boolean(),
          basis: z
            .string()
            .nullable()
            .describe('What it rests on; a platform`s signature is never called a maintainer`s.'),
          sentence: z.string(),
          environments: z.array(z.string()).describe('Those that wait for such an event.'),
          checks: z.array(checkView).describe('In the order asked.'),
        })
        .meta({ id: 'TriggerClass' }),
    ),
  })
  .meta({ id: 'VerifiedRef' });
export type VerifiedRefView = z.output<typeof verifiedRefView>;

export const verifyReference = endpoint({
  name: 'trust.verify',
  method: 'GET',
  path: '/api/v1/projects/{project}/verify',
  permission: 'release:read',
  summary: 'What a branch, a tag or a commit would start and what not, check by check.',
  params: projectParams,
  query: z.strictObject({ ref: z.string().min(1).max(300).describe('Branch, tag, commit or its beginning.') }),
  answer: verifiedRefView,
});

export const acceptCommit = endpoint({
  name: 'trust.accept',
  method: 'POST',
  path: '/api/v1/projects/{project}/accept',
  permission: 'commit:accept',
  summary:
    'A maintainer vouches for a commit that a platform made (trust.signatures: hosted), bound to commit and tree.',
  params: projectParams,
  body: z.strictObject({
    commit: z
      .string()
      .regex(/^[0-9a-f]{4,64}$/)
      .describe('Commit or its beginning.'),
    tree: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/)
      .optional()
      .describe('The tree that was looked at; refused when the commit holds another.'),
    reason,
  }),
  answer: z
    .object({ project: z.string(), commit: z.string(), tree: z.string(), accepted: z.boolean() })
    .meta({ id: 'AcceptedCommit' }),
});

export const acknowledgeMain = endpoint({
  name: 'trust.acknowledge',
  method: 'POST',
  path: '/api/v1/projects/{project}/source/acknowledge',
  permission: 'source:acknowledge',
  summary: 'Takes main as it stands for history: ends the freeze after a rewind. What comes after it is judged.',
  params: projectParams,
  body: z.strictObject({ reason }),
  answer: z.object({ project: z.string(), ref: z.string(), commit: z.string() }).meta({ id: 'AcknowledgedMain' }),
});

export const signingView = z
  .object({
    project: z.object({ id: z.string(), name: z.string() }),
    release: z.object({ id: z.string(), number: z.int(), commit: z.string(), title: z.string(), artifact: digest }),
    version: z.string(),
    released: z.string().nullable().describe('The newest version released before; null: none.'),
    since: z.object({ number: z.int(), commit: z.string() }).nullable().describe('What production runs now.'),
    commits: z.array(z.object({ id: z.string(), subject: z.string(), author: z.string() })).describe('Newest first.'),
    passed: z.array(z.string()).describe('Environments before production in which it is verified.'),
    missing: z.array(z.string()).describe('Those in which it is not: the tag would count when it is.'),
    environments: z.array(z.string()).describe('Those that the tag would promote to.'),
    message: z.string().describe('What the tag should say, with its trailers.'),
  })
  .meta({ id: 'Signing' });
export type SigningView = z.output<typeof signingView>;

export const showSigning = endpoint({
  name: 'releases.signing',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases/{release}/signing',
  permission: 'release:read',
  summary: 'What a signed version tag on a release would release, and what the tag should say.',
  params: releaseParams,
  query: z.strictObject({ version: z.string().min(1).max(60).describe('vMAJOR.MINOR.PATCH') }),
  answer: signingView,
});
