import { signing } from '../../engine/trigger/sign-release.ts';
import { addSignersIn, nameOf, revokeSignerIn } from '../../engine/trigger/signers.ts';
import { verifyRef } from '../../engine/trigger/verify-ref.ts';
import { acceptCommitIn, acknowledgeMainIn } from '../../engine/trigger/vouch.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { StoredSigner } from '../../ports/trust.ts';
import {
  acceptCommit,
  acknowledgeMain,
  addSigner,
  listSigners,
  revokeSigner,
  showSigning,
  verifyReference,
  type SignerView,
} from '../contract/trust.ts';
import { command, query, type Route } from '../route.ts';

export function trustRoutes(): readonly Route[] {
  return [
    query(listSigners, async ({ store }) => ({
      signers: (await store.transaction((tx) => tx.signers.list())).map(viewSigner),
    })),

    command(
      addSigner,
      async (world, tx, { body, actor }) => {
        const added = await addSignersIn(world, tx, {
          owner: body.platform ? { platform: body.owner } : { person: body.owner },
          text: body.text,
          expiresAt: body.expiresAt as Instant | undefined,
          actor,
        });
        return { signers: added.map(viewSigner) };
      },
      (world) => world.jobs.kick(),
    ),

    command(
      revokeSigner,
      async (world, tx, { params, body, actor }) => {
        const { signer, stopped } = await revokeSignerIn(world, tx, { ...params, ...body, actor });
        return { signer: viewSigner(signer), stopped: [...stopped] };
      },
      (world) => world.jobs.kick(),
    ),

    query(verifyReference, (world, { params, query: { ref } }) => verifyRef(world, { ...params, ref })),

    command(
      acceptCommit,
      (world, tx, { params, body, actor }) => acceptCommitIn(world, tx, { ...params, ...body, tree: body.tree, actor }),
      (world) => world.jobs.kick(),
    ),

    command(
      acknowledgeMain,
      (world, tx, { params, body, actor }) => acknowledgeMainIn(world, tx, { ...params, ...body, actor }),
      (world) => world.jobs.kick(),
    ),

    query(showSigning, (world, { params, query: { version } }) => signing(world, { ...params, version })),
  ];
}

function viewSigner(signer: StoredSigner): SignerView {
  const { fingerprint, kind, algorithm, comment, owner, addedBy, addedAt, expiresAt, revoked } = signer;
  return {
    fingerprint,
    kind,
    algorithm,
    comment,
    owner: nameOf(owner),
    platform: owner.by === 'platform',
    addedBy,
    addedAt,
    expiresAt: expiresAt ?? null,
    revoked: revoked ?? null,
  };
}
