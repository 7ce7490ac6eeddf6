/**
 * Webhooks of forges: hints that a repository has changed, and nothing more. What a delivery says is not read; the
 * repository is looked at, and polling goes on all the same.
 */
import { Failure } from '../../domain/base/failure.ts';
import type { WebhookId } from '../../domain/base/id.ts';
import { earliest, plus, type Duration } from '../../domain/base/time.ts';
import type { WebhookProvider } from '../../domain/trigger/webhook.ts';
import type { Webhook } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Delivery } from '../../ports/webhooks.ts';
import { actors } from '../announce.ts';
import { findProject } from '../find.ts';
import { newId, type World } from '../world.ts';

/** Each costs a computation for every delivery. */
const mostActive = 5;

export interface AddRequest {
  readonly project: string | undefined;
  readonly provider: WebhookProvider;
  /** How long the earlier ones of this provider still count; for good when absent. */
  readonly overlap: Duration | undefined;
  readonly actor: string;
}

/** The secret is told here and never again. @throws Failure `webhook/refused` when there are too many. */
export async function addWebhookIn(
  world: World,
  tx: Transaction,
  { project: name, provider, overlap, actor }: AddRequest,
): Promise<{ project: string; webhook: Webhook; secret: string }> {
  const project = (await tx.projects.lock((await findProject(tx, name)).id))!;
  const at = world.clock.now();
  const active = (await tx.webhooks.active(project.id, at)).filter((one) => one.provider === provider);
  if (active.length >= mostActive)
    throw new Failure('webhook/refused', `${project.name} has ${mostActive} webhooks of ${provider}`, {
      hint: 'liftlock webhook list, then liftlock webhook remove <webhook>',
    });
  for (const { id, endsAt } of overlap === undefined ? [] : active)
    await tx.webhooks.end(id, earliest(endsAt, plus(at, overlap!))!);
  const id = newId(world, 'whk');
  const secret = world.webhooks.secretOf(id);
  const webhook: Webhook = {
    id,
    project: project.id,
    provider,
    secretDigest: world.sha256(secret),
    createdBy: actor,
    createdAt: at,
    endsAt: undefined,
    lastDeliveryAt: undefined,
  };
  await tx.webhooks.insert(webhook);
  await tx.events.append({
    kind: 'webhook.added',
    actor,
    at,
    project: project.id,
    data: { webhook: id, provider, overlap },
  });
  return { project: project.name, webhook, secret };
}

export async function listWebhooksIn(
  world: World,
  tx: Transaction,
  name: string | undefined,
): Promise<{ project: string; webhooks: readonly Webhook[] }> {
  const project = await findProject(tx, name);
  return { project: project.name, webhooks: await tx.webhooks.active(project.id, world.clock.now()) };
}

/** @throws Failure `webhook/unknown`. */
export async function removeWebhookIn(
  world: World,
  tx: Transaction,
  { project: name, webhook: id, actor }: { project: string | undefined; webhook: string; actor: string },
): Promise<void> {
  const project = await findProject(tx, name);
  const at = world.clock.now();
  const found = (await tx.webhooks.active(project.id, at)).find((webhook) => webhook.id === id);
  if (found === undefined)
    throw new Failure('webhook/unknown', `${project.name} has no webhook ${id}`, { hint: 'liftlock webhook list' });
  await tx.webhooks.end(found.id, at);
  await tx.events.append({
    kind: 'webhook.removed',
    actor,
    at,
    project: project.id,
    data: { webhook: found.id, provider: found.provider },
  });
}

/** The same answer for a project that is not there, one without a webhook, and a signature that is wrong. */
export async function receiveDelivery(
  world: World,
  { project: name, ...sent }: Omit<Delivery, 'now'> & { project: string | undefined },
): Promise<{ project: string; duplicate: boolean }> {
  const now = world.clock.now();
  const known = await world.store.transaction(async (tx) => {
    const project = name === undefined ? undefined : await tx.projects.byName(name);
    return project && { project, webhooks: await tx.webhooks.active(project.id, now) };
  });
  const verified = await world.webhooks.verify(
    { ...sent, now },
    (known?.webhooks ?? []).filter(({ provider }) => provider === sent.provider).flatMap((one) => usable(world, one)),
  );
  if (!verified.genuine || known === undefined) {
    world.log.warn('a delivery of a webhook was refused', {
      project: name,
      provider: sent.provider,
      reason: verified.genuine ? 'there is no such project' : verified.because,
    });
    throw new Failure('request/unauthenticated', 'nothing vouches for this delivery', {
      hint: 'liftlock webhook add makes a secret for the forge to sign with.',
    });
  }
  const { project } = known;
  const fresh = await world.store.transaction(async (tx) => {
    const locked = await tx.projects.lock(project.id);
    if (locked === undefined || !(await tx.webhooks.recordDelivery(verified.webhook, verified.names, now)))
      return false;
    await tx.projects.setPoll(project.id, { ...locked.poll, dueAt: now });
    await tx.events.append({
      kind: 'source.hinted',
      actor: actors.source,
      at: now,
      project: project.id,
      data: { webhook: verified.webhook, provider: sent.provider },
    });
    return true;
  });
  return { project: project.name, duplicate: !fresh };
}

/** Made by an installation with another key, it cannot be verified here. */
function usable(world: World, webhook: Webhook): readonly WebhookId[] {
  if (world.sha256(world.webhooks.secretOf(webhook.id)) === webhook.secretDigest) return [webhook.id];
  world.log.warn('a webhook was made under another key, and its deliveries cannot be verified', {
    webhook: webhook.id,
  });
  return [];
}
