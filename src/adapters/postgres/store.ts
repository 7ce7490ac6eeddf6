/** The store on PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { AuditLog } from '../../ports/audit.ts';
import type { EventFeed } from '../../ports/events.ts';
import type { Job } from '../../ports/jobs.ts';
import type { Log } from '../../ports/log.ts';
import type { NewEvent } from '../../ports/records.ts';
import type { Store, Transaction } from '../../ports/store.ts';
import { machines, sessions, tokens } from './access/credentials.ts';
import { grants, people } from './access/people.ts';
import { signIns } from './access/sign-ins.ts';
import { approvals, contributions } from './gate/approvals.ts';
import { breakGlasses, followUps } from './gate/break-glass.ts';
import { auditLog } from './audit/audit-log.ts';
import { audit } from './audit/erasure.ts';
import { builds } from './release/builds.ts';
import { channels } from './notification/channels.ts';
import { checks } from './gate/checks.ts';
import { explain, mayRunAgain, spoilsConnection } from './database-failure.ts';
import { deliveries } from './notification/deliveries.ts';
import { deployments } from './promotion/deployments.ts';
import { environments } from './promotion/environments.ts';
import { appendEvents, eventFeed } from './events.ts';
import { evidence } from './release/evidence.ts';
import { evidenceSigners, installationKeys } from './release/evidence-signers.ts';
import { loadFacts } from './promotion/facts.ts';
import { migrate } from './migrate.ts';
import { createNews, type News } from './news.ts';
import { notifications } from './notification/notifications.ts';
import { passkeys } from './access/passkeys.ts';
import { freezes, idempotency, vetoes } from './gate/controls.ts';
import { changes, notes, plans, proposals } from './gate/papers.ts';
import { pipelines } from './pipeline/pipelines.ts';
import { createPool } from './pool.ts';
import { projects } from './pipeline/projects.ts';
import { promotions } from './promotion/promotions.ts';
import { refs } from './trigger/refs.ts';
import { releases } from './release/releases.ts';
import { rolloutMetrics, rolloutVerdicts } from './rollout/metrics.ts';
import { rollouts } from './rollout/rollouts.ts';
import { reviews, suppressions } from './gate/reviews.ts';
import { createReplicaLock, type ReplicaLock } from './replica-lock.ts';
import { replicas } from './replicas.ts';
import { sessionOf, type Session } from './session.ts';
import { createSeal, type Seal } from './seal.ts';
import { webhooks } from './trigger/webhooks.ts';
import { judgements } from './trigger/judgements.ts';
import { acceptances, firstSeen, mainLines } from './trigger/main.ts';
import { signers } from './trigger/signers.ts';
import { verificationRequests, verifications } from './promotion/verifications.ts';

export interface StoreOptions {
  readonly url: string;
  readonly migrationsDirectory: string;
  readonly log: Log;
  /** 32 bytes that are not in the database: credentials of repositories can be read with them only. */
  readonly sealKey: Uint8Array;
  /** Puts a job on its queue inside the transaction that is open on `client`. Without it `enqueue` refuses. */
  readonly enqueueWith?: EnqueueOn;
  /** Connections for transactions; three more may be used for the lock, for news and for migrations. */
  readonly poolSize?: number;
}

export type EnqueueOn = (client: ClientBase, job: Job, options?: { attempt?: number }) => Promise<void>;

export interface PostgresStore extends Store {
  readonly events: EventFeed;
  readonly audit: AuditLog;
}

/** Migrates the database and opens the store. @throws Failure as `migrate` does. */
export async function openStore(options: StoreOptions): Promise<PostgresStore> {
  const { url, log } = options;
  await migrate(url, options.migrationsDirectory);
  const pool = createPool(url, options.poolSize ?? 10, log);
  const news = createNews({ url, pool, self: randomUUID(), log });
  const lock = createReplicaLock(url, log);
  const seal = createSeal(options.sealKey);
  const parts: Parts = {
    pool,
    news,
    lock,
    seal,
    enqueueWith: options.enqueueWith ?? refuseToEnqueue,
    records: new WeakMap(),
  };
  let closing: Promise<void> | undefined;
  return {
    transaction: (work) => runTransaction(parts, work),
    facts: (environment, asked) => onConnection(pool, ({ client }) => loadFacts(client, environment, asked)),
    onCommit: (listener) => news.listen(listener),
    events: eventFeed(pool),
    audit: auditLog(pool),
    close: () => (closing ??= close(parts)),
  };
}

interface Parts {
  readonly pool: Pool;
  readonly news: News;
  readonly lock: ReplicaLock;
  readonly seal: Seal;
  readonly enqueueWith: EnqueueOn;
  readonly records: WeakMap<Session, Records>;
}

/** Enough for a hot row to calm down; the pauses add up to a few seconds. */
const mostRuns = 10;

async function runTransaction<T>(parts: Parts, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let run = 1; ; run++) {
    const events: NewEvent[] = [];
    try {
      const result = await onConnection(parts.pool, (session) =>
        commitOrRollBack(session, () => workAndTell(work, transactionOn(parts, session, events), { session, events })),
      );
      if (events.length > 0) parts.news.tell();
      return result;
    } catch (error) {
      if (!mayRunAgain(error) || run >= mostRuns) throw explain(error);
      await pause(run);
    }
  }
}

/** The events of a transaction are written together, at its end: nothing in it reads them. */
async function workAndTell<T>(
  work: (tx: Transaction) => Promise<T>,
  tx: Transaction,
  said: { session: Session; events: readonly NewEvent[] },
): Promise<T> {
  const result = await work(tx);
  await appendEvents(said.session, said.events);
  return result;
}

/** Answers raw errors of `pg` for transactions to judge; connecting and loading fail in our words. */
async function onConnection<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw explain(error);
  });
  let spoilt = false;
  try {
    return await work(sessionOf(client));
  } catch (error) {
    spoilt = spoilsConnection(error);
    throw mayRunAgain(error) ? error : explain(error);
  } finally {
    // The pool itself drops a connection that has ended.
    client.release(spoilt);
  }
}

async function commitOrRollBack<T>({ client }: Session, work: () => Promise<T>): Promise<T> {
  await client.query('begin isolation level read committed');
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  await client.query('commit');
  return result;
}

function transactionOn(parts: Parts, session: Session, said: NewEvent[]): Transaction {
  let records = parts.records.get(session);
  if (records === undefined) {
    records = recordsOn(parts, session);
    parts.records.set(session, records);
  }
  return {
    ...records,
    enqueue: (job, options) => parts.enqueueWith(session.client, job, options),
    events: {
      async append(...events) {
        said.push(...events);
      },
    },
  };
}

/** What is the same for every transaction of a connection: some three hundred closures, which each one would make anew. */
type Records = Omit<Transaction, 'enqueue' | 'events'>;

function recordsOn(parts: Parts, session: Session): Records {
  const { db } = session;
  return {
    projects: projects(db, parts.seal),
    pipelines: pipelines(db),
    environments: environments(session),
    refs: refs(db),
    builds: builds(db),
    releases: releases(db),
    promotions: promotions(db),
    deployments: deployments(db),
    verifications: verifications(db),
    verificationRequests: verificationRequests(db),
    evidence: evidence(db),
    rollouts: rollouts(db),
    rolloutMetrics: rolloutMetrics(db),
    rolloutVerdicts: rolloutVerdicts(db),
    checks: checks(db),
    reviews: reviews(db),
    suppressions: suppressions(db),
    notes: notes(db),
    plans: plans(db),
    proposals: proposals(db),
    changes: changes(db),
    evidenceSigners: evidenceSigners(db),
    installationKeys: installationKeys(db),
    approvals: approvals(db),
    contributions: contributions(db),
    passkeys: passkeys(db),
    breakGlasses: breakGlasses(db),
    followUps: followUps(db),
    vetoes: vetoes(db),
    freezes: freezes(db),
    audit: audit(session),
    webhooks: webhooks(db),
    channels: channels(db),
    notifications: notifications(db),
    deliveries: deliveries(db),
    idempotency: idempotency(db),
    replicas: replicas(db, parts.lock),
    people: people(db),
    grants: grants(db),
    tokens: tokens(db),
    sessions: sessions(db),
    machines: machines(db),
    signIns: signIns(db),
    signers: signers(db),
    mainLines: mainLines(db),
    firstSeen: firstSeen(db),
    acceptances: acceptances(db),
    judgements: judgements(db),
  };
}

function pause(run: number): Promise<void> {
  const milliseconds = Math.random() * Math.min(1_000, 5 * 2 ** run);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function refuseToEnqueue(): Promise<void> {
  throw new TypeError('this store was opened without a queue for jobs');
}

async function close({ pool, news, lock }: Parts): Promise<void> {
  lock.release();
  await news.close();
  await pool.end();
}
