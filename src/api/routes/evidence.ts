import type { Instant } from '../../domain/base/time.ts';
import type { EvidenceSigner } from '../../domain/release/acceptance.ts';
import { addEvidenceIn, prepareEvidence } from '../../engine/release/evidence.ts';
import { addEvidenceSignerIn, revokeEvidenceSignerIn } from '../../engine/release/evidence-signers.ts';
import { contentOf, listEvidence as list, showEvidence as show, viewIn } from '../../engine/release/show-evidence.ts';
import type { Transaction } from '../../ports/store.ts';
import {
  addEvidence,
  addEvidenceSigner,
  fetchEvidence,
  listEvidence,
  listEvidenceSigners,
  revokeEvidenceSigner,
  showEvidence,
  type EvidenceSignerView,
} from '../contract/evidence.ts';
import { bytes, command, query, upload, type Route } from '../route.ts';

export function evidenceRoutes(): readonly Route[] {
  return [
    upload(
      addEvidence,
      async (world, { params, query: said, content, actor }) => {
        const brought = {
          ...params,
          kind: said.kind,
          name: said.name,
          environment: said.environment,
          format: said.format,
          exitCode: said.exitCode,
          expiresAt: said.expiresAt as Instant | undefined,
          content,
          actor,
        };
        return { upload: brought, prepared: await prepareEvidence(world, brought) };
      },
      async (world, tx, { prepared }) => viewIn(tx, await addEvidenceIn(world, tx, prepared)),
    ),
    query(listEvidence, (world, { params }) => list(world, params.project, params.release)),
    query(showEvidence, (world, { params }) => show(world, params.project, params.evidence)),
    bytes(fetchEvidence, (world, { params, query: { part } }) => contentOf(world, { ...params, part })),

    query(listEvidenceSigners, (world) =>
      world.store.transaction(async (tx) => {
        const signers: EvidenceSignerView[] = [];
        for (const signer of await tx.evidenceSigners.list()) signers.push(await viewSigner(tx, signer));
        const installations = (await tx.installationKeys.list()).map(({ id, publicKey }) => ({ key: id, publicKey }));
        return { signers, installations };
      }),
    ),
    command(addEvidenceSigner, async (world, tx, { body, actor }) =>
      viewSigner(
        tx,
        await addEvidenceSignerIn(world, tx, {
          ...body,
          projects: body.projects,
          expiresAt: body.expiresAt as Instant | undefined,
          actor,
        }),
      ),
    ),
    command(revokeEvidenceSigner, async (world, tx, { params, body, actor }) =>
      viewSigner(tx, await revokeEvidenceSignerIn(world, tx, { ...params, ...body, actor })),
    ),
  ];
}

async function viewSigner(tx: Transaction, signer: EvidenceSigner): Promise<EvidenceSignerView> {
  const { publicKey: _, projects, expiresAt, revokedAt, revokedBy, kinds, ...same } = signer;
  const names = [];
  for (const id of projects ?? []) names.push((await tx.projects.get(id))?.name ?? id);
  return {
    ...same,
    kinds: [...kinds],
    projects: projects === undefined ? null : names,
    expiresAt: expiresAt ?? null,
    revokedAt: revokedAt ?? null,
    revokedBy: revokedBy ?? null,
  };
}
