/** Where everything is, and what people do to one environment. */
import { z } from 'zod';
import { environmentKinds, hostings, queueModes } from '../../domain/pipeline/environment.ts';
import { verdictWords } from '../../domain/release/evidence.ts';
import { buildView } from './builds.ts';
import { endpoint } from './endpoint.ts';
import { passkeyAnswer } from './passkeys.ts';
import { answerView, promotionView } from './promotions.ts';
import { releaseView } from './releases.ts';
import { rolloutBrief } from './rollouts.ts';
import {
  committedRelease,
  digest,
  environmentParams,
  instant,
  projectParams,
  reason,
  releaseName,
  titledRelease,
} from './words.ts';

const controlView = z.object({ by: z.string(), reason: z.string(), at: instant }).meta({ id: 'Control' });

const runningView = z
  .object({
    release: committedRelease,
    promotion: z.string(),
    deployment: z.string(),
    since: instant,
    verdict: z.enum(verdictWords).nullable(),
    verdictReason: z.string().nullable(),
  })
  .meta({ id: 'Running' });

const serviceView = z
  .object({
    state: z.enum(['running', 'down']),
    reason: z.string().nullable(),
    instances: z
      .object({ up: z.int(), wanted: z.int(), because: z.string().nullable() })
      .describe('How many of its instances are up; fewer than wanted serve all the same.'),
    restarts: z.int().describe('Since its deployment, because it had ended.'),
    cpuMs: z.number().nullable(),
    residentBytes: z.number().nullable(),
  })
  .meta({ id: 'Service' });

const freezeBrief = controlView.extend({ id: z.string(), until: instant.nullable() }).meta({ id: 'FreezeBrief' });

export const environmentView = z
  .object({
    name: z.string(),
    retired: z.boolean().describe('No longer in the pipeline; shown for as long as something runs there.'),
    stopRequest: controlView.nullable().describe('Somebody asked that what runs in a retired one be stopped.'),
    kind: z.enum(environmentKinds),
    hosting: z.enum(hostings),
    after: z.array(z.string()),
    queue: z.enum(queueModes),
    url: z.string().nullable(),
    database: z.enum(['none', 'managed', 'external']).describe('Whose data it works on.'),
    limits: z
      .object({
        bodyBytes: z.int().nullable().describe('Null: of any size.'),
        connectMs: z.int(),
        answerMs: z.int(),
        idleMs: z.int(),
        sentence: z.string(),
      })
      .nullable()
      .describe('What its requests are held to; null where Liftlock does not lead them.'),
    running: runningView.nullable(),
    service: serviceView
      .nullable()
      .describe(
        'What was seen of the service just now; null where Liftlock does not run it, before the first deployment and during one.',
      ),
    ailment: z
      .object({
        is: z.enum(['silent', 'unwell']).describe('silent: it runs and gives no answer; unwell: it says so itself.'),
        because: z.string(),
        since: instant,
        renewing: z.boolean().describe('An instance is being started again for it.'),
      })
      .meta({ id: 'Ailment' })
      .nullable()
      .describe('What the last looks found wrong with what serves, though it runs.'),
    hold: controlView.nullable(),
    pin: controlView.extend({ release: z.string() }).meta({ id: 'Pin' }).nullable(),
    freezes: z.array(freezeBrief).describe('In force, `at` being when each began.'),
    freezesAhead: z.array(freezeBrief).describe('Yet to begin, at `at`.'),
    active: promotionView.nullable().describe('Being deployed now.'),
    rollout: rolloutBrief.nullable().describe('How far it has taken over, when it does so in steps.'),
    waiting: z.array(promotionView),
    last: promotionView.nullable().describe('The last one that ended, superseded ones left out.'),
    lookAgainAt: instant
      .nullable()
      .describe('When the engine looks again by itself; null: only an event or a person brings news.'),
  })
  .meta({ id: 'Environment' });
export type EnvironmentView = z.output<typeof environmentView>;

export const statusView = z
  .object({
    project: z.string(),
    source: z.object({ url: z.string(), error: z.string().nullable(), nextLookAt: instant }),
    environments: z.array(environmentView),
    builds: z.array(buildView).describe('Builds that are not done, and the last that failed after the newest release.'),
    newest: releaseView.nullable(),
    undelivered: z.int().describe('Notifications that could not be delivered through channels that are in use.'),
    at: instant,
  })
  .meta({ id: 'Status' });
export type StatusView = z.output<typeof statusView>;

export const showStatus = endpoint({
  name: 'projects.status',
  method: 'GET',
  path: '/api/v1/projects/{project}/status',
  permission: 'project:read',
  summary: 'Where every release is, and what waits for whom.',
  params: projectParams,
  answer: statusView,
});

export const nextView = z
  .object({
    environment: z.string(),
    release: titledRelease.nullable(),
    answers: z.array(answerView),
    sentence: z.string(),
  })
  .meta({ id: 'Next' });
export type NextView = z.output<typeof nextView>;

export const showNext = endpoint({
  name: 'environments.next',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/next',
  permission: 'promotion:read',
  summary: 'What would be deployed next if nobody held or pinned the environment.',
  params: environmentParams,
  answer: nextView,
});

export const rollBack = endpoint({
  name: 'environments.rollback',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/rollback',
  permission: 'rollback:create',
  summary: 'Goes back to the last release verified here, or to the one named.',
  params: environmentParams,
  body: z.strictObject({ to: releaseName.optional(), reason }),
  status: 202,
  answer: z.object({ promotion: z.string(), release: z.string() }).meta({ id: 'RollbackRequested' }),
});

const rollbackTargetView = releaseView
  .extend({ lastUntil: instant.nullable().describe('When it last stopped being what runs.') })
  .meta({ id: 'RollbackTarget' });

export const listRollbackTargets = endpoint({
  name: 'environments.rollback-targets',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/rollback-targets',
  permission: 'promotion:read',
  summary: 'Releases this environment could go back to, the last good one first.',
  params: environmentParams,
  answer: z.object({ targets: z.array(rollbackTargetView) }).meta({ id: 'RollbackTargets' }),
});

const decisionAnswer = z
  .object({
    promotion: z.string(),
    decision: z.enum(['approve', 'reject']),
    planHash: digest,
    statement: z.string().describe('What was decided, as canonical JSON: what is kept, and what a passkey would sign.'),
  })
  .meta({ id: 'Decision' });
const planHash = digest
  .optional()
  .describe('The plan that was seen; when it is no longer the plan, the decision is refused.');

const read = z
  .string()
  .min(1)
  .max(60)
  .optional()
  .describe('Challenge of a decision that was begun: what was read there is decided, without a passkey.');
const signedBy = passkeyAnswer.optional().describe('Of a decision that was begun; its reason must be the same.');

export const approve = endpoint({
  name: 'environments.approve',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/approve',
  permission: 'approval:create',
  summary: 'Approves one release for this environment, under the plan of this moment.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName, planHash, reason: reason.optional(), read, passkey: signedBy }),
  answer: decisionAnswer,
});

export const reject = endpoint({
  name: 'environments.reject',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/reject',
  permission: 'approval:create',
  summary: 'Rejects one release for this environment; final for this plan.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName, planHash, reason, read, passkey: signedBy }),
  answer: decisionAnswer,
});

export const withdraw = endpoint({
  name: 'environments.withdraw-approval',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/withdraw-approval',
  permission: 'approval:create',
  summary: "Takes back the caller's own approval, before the promotion has started.",
  params: environmentParams,
  body: z.strictObject({ release: releaseName, reason }),
  answer: z.object({ promotion: z.string(), withdrawn: z.literal(true) }).meta({ id: 'ApprovalWithdrawn' }),
});

const control = z
  .object({
    environment: z.string(),
    control: z.enum(['held', 'hold-released', 'pinned', 'unpinned']),
    by: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'ControlAnswer' });

export const hold = endpoint({
  name: 'environments.hold',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/hold',
  permission: 'hold:create',
  summary: 'Stops automation for this environment; people may still promote.',
  params: environmentParams,
  body: z.strictObject({ reason }),
  answer: control,
});

export const releaseHold = endpoint({
  name: 'environments.release-hold',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/release-hold',
  permission: 'hold:release',
  summary: 'Sets automation going again. `next` says what it would deploy.',
  params: environmentParams,
  body: z.strictObject({ reason }),
  answer: control,
});

export const pin = endpoint({
  name: 'environments.pin',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/pin',
  permission: 'pin:create',
  summary: 'Nails the environment to one release.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName, reason }),
  answer: control,
});

export const unpin = endpoint({
  name: 'environments.unpin',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/unpin',
  permission: 'pin:release',
  summary: 'Lifts a pin. `next` says what would be deployed.',
  params: environmentParams,
  body: z.strictObject({ reason }),
  answer: control,
});

export const stopService = endpoint({
  name: 'environments.stop',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/stop',
  permission: 'environment:stop',
  summary: 'Ends what runs in an environment that was removed from the pipeline.',
  params: environmentParams,
  body: z.strictObject({ reason }),
  status: 202,
  answer: z.object({ environment: z.string() }).meta({ id: 'StopRequested' }),
});

export const verify = endpoint({
  name: 'environments.verify',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/verify',
  permission: 'verification:create',
  summary: 'Verifies again what runs here.',
  params: environmentParams,
  status: 202,
  answer: z.object({ request: z.string(), release: z.string() }).meta({ id: 'VerificationRequested' }),
});

export const askAgain = endpoint({
  name: 'environments.ask-again',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/ask-again',
  permission: 'promotion:create',
  summary: 'Asks now what gates wait to ask again by themselves: custom gates, the forge, the repository.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName }),
  status: 202,
  answer: z.object({ asked: z.array(z.string()).describe('Names of what is asked now.') }).meta({ id: 'AskedAgain' }),
});

const verificationRequestView = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'ended']),
    verdict: z.enum(verdictWords).nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'VerificationRequest' });

export const showVerification = endpoint({
  name: 'verifications.show',
  method: 'GET',
  path: '/api/v1/verifications/{verification}',
  permission: 'promotion:read',
  summary: 'A verification that was asked for: whether it has ended, and how.',
  params: z.strictObject({ verification: z.string().min(1).max(60).describe('The `request` that `verify` answered.') }),
  answer: verificationRequestView,
});
