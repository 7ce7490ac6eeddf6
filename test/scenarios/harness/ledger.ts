/** What the database says about promotions: during a scenario, and when all is over. */
import pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { query } from '../../world/make.ts';
import { intake, rightOutcome } from './project.ts';

export interface Acknowledged {
  readonly promotion: string;
  readonly release: number;
  readonly environment: string;
}

/** R7, R11, R41: one sentence for each promotion that is not as it must be. */
export async function wrongPromotions(url: string, acknowledged: readonly Acknowledged[]): Promise<readonly string[]> {
  const rows = await query(
    url,
    `select p.id, p.state, p.outcome, p.reason,
    (select count(*) from events e where e.promotion_id = p.id and e.kind = 'promotion.requested')::int as requested,
    (select count(*) from events e where e.promotion_id = p.id and e.kind = 'promotion.started')::int as started,
    (select count(*) from events e where e.promotion_id = p.id and e.kind = 'promotion.ended')::int as ended,
    (select count(*) from events e where e.promotion_id = p.id and e.kind = 'release.verified')::int as verified
    from promotions p join environments on environments.id = p.environment_id where environments.name <> '${intake}'`,
  );
  const known = new Map(rows.map((row) => [row.id as string, row]));
  const strangers = rows
    .filter(({ id }) => !acknowledged.some(({ promotion }) => promotion === id))
    .map(({ id }) => `${id} exists and nobody was told so`);
  const wrong = acknowledged.flatMap(({ promotion, release, environment }) => {
    const row = known.get(promotion);
    const what = `${promotion} (release ${release} in ${environment})`;
    if (row === undefined) return [`${what} was acknowledged and does not exist`];
    const right = rightOutcome(release);
    const verified = right === 'errored' ? 0 : 1;
    return [
      ...(row.state === 'ended' && row.outcome === right
        ? []
        : [`${what} is ${row.state}, ${row.outcome} (${row.reason}); it should have ended ${right}`]),
      ...(row.requested === 1 && row.started === 1 && row.ended === 1 && row.verified === verified
        ? []
        : [
            `${what} was requested ${row.requested}, started ${row.started}, verified ${row.verified} and ended ${row.ended} times by its events`,
          ]),
    ];
  });
  return [...strangers, ...wrong];
}

/** One sentence for each that has not ended; those that run first. */
export async function openPromotions(url: string): Promise<readonly string[]> {
  const rows = await query(
    url,
    `select p.id, p.state, p.phase, p.attempt, environments.name, lease_holder, lease_expires_at,
    (select string_agg(workflow_uuid || ' ' || status || ' ' || coalesce(executor_id, ''), ', ') from dbos.workflow_status where workflow_uuid like 'deploy/' || p.id || '/%') as jobs
    from promotions p join environments on environments.id = p.environment_id where p.state <> 'ended' order by p.state, p.seq`,
  );
  return rows.map(
    (row) =>
      `${row.id} in ${row.name} is ${row.state} ${row.phase ?? ''}, attempt ${row.attempt}, lease of ${row.lease_holder} for ${row.lease_expires_at - Date.now()} ms, jobs ${row.jobs}`,
  );
}

/** Leases that are held and jobs that are not done. */
export async function unfinished(url: string): Promise<readonly string[]> {
  const leases = await query(url, 'select name, lease_promotion_id from environments where lease_id is not null');
  const jobs = await query(
    url,
    `select workflow_uuid, status from dbos.workflow_status where status not in ('SUCCESS', 'ERROR', 'CANCELLED')`,
  );
  return [
    ...leases.map((row) => `the lease of ${row.name} is held by ${row.lease_promotion_id}`),
    ...jobs.map((row) => `job ${row.workflow_uuid} is ${row.status}`),
  ];
}

export async function failedJobs(url: string): Promise<readonly string[]> {
  const jobs = await query(url, `select workflow_uuid, status from dbos.workflow_status where status = 'ERROR'`);
  return jobs.map((row) => `job ${row.workflow_uuid} ended ${row.status}`);
}

/** How often promotions changed hands. */
export async function takeovers(url: string): Promise<number> {
  const [row] = await query(
    url,
    `select count(*)::int - count(distinct promotion_id)::int as taken from events where kind = 'promotion.taken'`,
  );
  return row.taken as number;
}

export interface Sampler {
  /** Sentences about moments at which two promotions ran in one environment. */
  readonly faults: readonly string[];
  readonly samples: () => number;
  stop(): Promise<void>;
}

const sampleEveryMs = 50;

/** Looks again and again while things happen. The database being away is not its business. */
export function sample(url: string): Sampler {
  const faults: string[] = [];
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 2_000 });
  pool.on('error', () => undefined);
  const end = new AbortController();
  let samples = 0;
  const look = async (): Promise<void> => {
    const { rows } = await pool.query(
      `select environment_id, array_agg(id) as ids from promotions where state = 'running' group by 1 having count(*) > 1`,
    );
    faults.push(...rows.map((row) => `${row.ids} ran at once in ${row.environment_id}`));
    samples += 1;
  };
  const looking = (async () => {
    while (!end.signal.aborted) {
      await look().catch(() => undefined);
      await wait(sampleEveryMs);
    }
  })();
  return {
    faults,
    samples: () => samples,
    async stop() {
      end.abort();
      await looking;
      await pool.end();
    },
  };
}
