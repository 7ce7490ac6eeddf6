/** Every route there is. */
import type { EventFeed } from '../ports/events.ts';
import type { AuditParts } from '../engine/audit/sequence.ts';
import type { Examined } from '../engine/views/examine.ts';
import type { CiIdentities } from '../ports/identities.ts';
import type { Machine } from '../ports/machine.ts';
import type { Background } from './background.ts';
import type { Streams } from './event-stream.ts';
import type { Figures } from './figures.ts';
import { createNaming } from './naming.ts';
import { openapiOf } from './openapi.ts';
import type { Route } from './route.ts';
import { accessRoutes } from './routes/access.ts';
import { auditRoutes } from './routes/audit.ts';
import { breakGlassRoutes } from './routes/break-glass.ts';
import { buildRoutes } from './routes/builds.ts';
import { environmentRoutes } from './routes/environments.ts';
import { changeRoutes } from './routes/changes.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { doctorRoutes } from './routes/doctor.ts';
import { eventRoutes } from './routes/events.ts';
import { flowRoutes } from './routes/flow.ts';
import { freezeRoutes } from './routes/freezes.ts';
import { healthRoutes } from './routes/health.ts';
import { machineRoutes } from './routes/machines.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { peopleRoutes } from './routes/people.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { projectRoutes } from './routes/projects.ts';
import { promotionRoutes } from './routes/promotions.ts';
import { releaseRoutes } from './routes/releases.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { sessionRoutes, type SignInParts } from './routes/session.ts';
import { sessionsRoutes } from './routes/sessions.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { trustRoutes } from './routes/trust.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export interface TableParts extends SignInParts {
  readonly ciIdentities: CiIdentities;
  readonly feed: EventFeed;
  readonly audit: AuditParts;
  readonly naming: ReturnType<typeof createNaming>;
  readonly streams: Streams;
  readonly figures: Figures;
  readonly background: Background;
  readonly machine: Machine;
  readonly exposure: Examined['exposure'];
  readonly version: string;
}

export function routeTable(parts: TableParts): readonly Route[] {
  let document: ReturnType<typeof openapiOf> | undefined;
  const routes: readonly Route[] = [
    ...projectRoutes(parts.background),
    ...releaseRoutes(),
    ...buildRoutes(),
    ...promotionRoutes(parts.background),
    ...environmentRoutes(),
    ...evidenceRoutes(),
    ...rolloutRoutes(parts.feed),
    ...flowRoutes(),
    ...freezeRoutes(),
    ...breakGlassRoutes(),
    ...passkeyRoutes(),
    ...webhookRoutes(),
    ...notificationRoutes(),
    ...reviewRoutes(),
    ...changeRoutes(),
    ...trustRoutes(),
    ...eventRoutes(parts),
    ...signInRoutes(parts.ciIdentities),
    ...machineRoutes(),
    ...sessionRoutes(parts),
    ...sessionsRoutes(),
    ...peopleRoutes(),
    ...auditRoutes(parts.audit),
    ...accessRoutes(() => routes.map(({ endpoint }) => endpoint)),
    ...doctorRoutes(parts),
    ...healthRoutes({
      ...parts,
      openapi: () =>
        (document ??= openapiOf(
          routes.map(({ endpoint }) => endpoint),
          parts.version,
        )),
    }),
  ];
  return routes;
}
