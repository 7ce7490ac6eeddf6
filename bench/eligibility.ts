/**
 * Which of 10,000 releases may enter which of eight environments: the domain's answer over facts in memory, and, for a
 * sample, the same answer derived from the database. The two are compared, so that speed is not bought with a wrong answer.
 */
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { openStore, type PostgresStore } from '../src/adapters/postgres/store.ts';
import { createLog } from '../src/adapters/log/log.ts';
import type { Digest } from '../src/domain/base/digest.ts';
import type { EnvironmentId, ReleaseId, VerdictId } from '../src/domain/base/id.ts';
import { encodeBytes } from '../src/domain/base/id.ts';
import { instant, type Duration, type Instant } from '../src/domain/base/time.ts';
import { askGates, type Answers } from '../src/domain/gate/all.ts';
import { availability } from '../src/domain/gate/availability.ts';
import { defaultGates, trustDefaults } from '../src/domain/pipeline/defaults.ts';
import type { EnvironmentKind, EnvironmentSpec, GateSpec } from '../src/domain/pipeline/environment.ts';
import type { EnvironmentFacts, ReleaseFacts } from '../src/domain/promotion/facts.ts';
import { noProofs } from '../src/domain/promotion/proof.ts';
import { planHash } from '../src/domain/promotion/plan.ts';
import { planOf } from '../src/engine/gate/question.ts';
import { median, timed, type Measured } from './figures.ts';
import { recording, service } from './projects.ts';
import { freshDatabase, inScratch } from './scratch.ts';
import { migrationsDirectory, sha256 } from './world.ts';

const count = 10_000;
const sampleSize = 400;
const passes = 5;
const now = instant(Date.UTC(2026, 5, 1));
const hour = 3_600_000;

const kinds: readonly EnvironmentKind[] = [
  'development',
  'ci',
  'testing',
  'qa',
  'staging',
  'staging',
  'production',
  'disaster-recovery',
];
const gatesOf: Partial<Record<EnvironmentKind, readonly GateSpec[]>> = {
  staging: [...defaultGates('staging', true), { gate: 'soak', for: hour as Duration }],
  production: [
    ...defaultGates('production', true),
    { gate: 'fresh', within: (72 * hour) as Duration },
    {
      gate: 'window',
      window: {
        zone: 'Europe/Berlin',
        allow: [{ days: ['mon', 'tue', 'wed', 'thu'], from: '08:00', to: '17:00' }],
        deny: [],
      },
    },
  ],
};

/** Eight environments in a row. */
const specs: readonly EnvironmentSpec[] = kinds.map((kind, index) => {
  const shape = { kind, triggers: [{ on: 'success' }] as const };
  const spec = recording(`stage-${index}`, index === 0 ? shape : { ...shape, after: `stage-${index - 1}` });
  return { ...spec, gates: gatesOf[kind] ?? [] };
});

interface Case {
  readonly id: ReleaseId;
  readonly number: number;
  readonly commit: string;
  readonly artifact: Digest;
  /** Verdicts, by place of the environment. */
  readonly verdicts: readonly ('PASS' | 'FAIL' | undefined)[];
}

export function eligibility(): Promise<Measured> {
  return inScratch(async (directory) => {
    const cases = Array.from({ length: count }, (_, index) => makeCase(index + 1));
    const facts = specs.map((spec, place) => factsInMemory(spec, { place, cases }));
    const whole: number[] = [];
    const hashed: number[] = [];
    const available: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      available.push(
        await timed(() => forAllPairs(facts, (environment, release) => availability(environment.spec, release).answer)),
      );
      whole.push(
        await timed(() => forAllPairs(facts, (environment, release) => ask(environment, release, noPlan).summary)),
      );
      hashed.push(
        await timed(() =>
          forAllPairs(
            facts,
            (environment, release) => ask(environment, release, planOfWish(environment, release)).summary,
          ),
        ),
      );
    }
    const derived = await deriveSample(await freshDatabase(directory), { cases, facts });
    const pairs = count * specs.length;
    return {
      setup: { releases: count, environments: specs.length, pairs, passes, sample: sampleSize },
      figures: [
        {
          what: 'all pairs: every gate, plan hash given',
          value: median(whole),
          unit: 'ms',
          aim: { is: 'at most', value: 1_000 },
        },
        { what: 'all pairs: every gate and the hash of every plan', value: median(hashed), unit: 'ms' },
        { what: 'all pairs: availability alone (R1-R3)', value: median(available), unit: 'ms' },
        {
          what: 'one pair from the database: facts query and every gate, median',
          value: median(derived.times),
          unit: 'ms',
        },
        {
          what: 'answers of the sample that differ',
          value: derived.different,
          unit: '',
          aim: { is: 'at most', value: 0 },
        },
      ],
    };
  });
}

/** Fewer and fewer releases get further; every seventh that gets somewhere fails there. */
function makeCase(number: number): Case {
  const commit = sha256(`commit ${number}`).slice('sha256:'.length, 'sha256:'.length + 40);
  const reach = specs.length - 1 - Math.floor(Math.log2(1 + (number % 128)));
  const verdicts = specs.map((_, place) =>
    place > reach ? undefined : place === reach && number % 7 === 0 ? 'FAIL' : 'PASS',
  );
  return {
    id: `rel_${encodeBytes(Buffer.from(commit, 'hex').subarray(0, 16))}` as ReleaseId,
    number,
    commit,
    artifact: sha256(commit),
    verdicts,
  };
}

function environmentId(place: number): EnvironmentId {
  return `env_${String(place).padStart(26, '0')}` as EnvironmentId;
}

function verdictId(place: number, number: number): VerdictId {
  return `vrd_${String(place * 1_000_000 + number).padStart(26, '0')}` as VerdictId;
}

const revision = `ppl_${'0'.repeat(26)}` as EnvironmentFacts['revision'];

function verifiedAt(number: number): Instant {
  return (now - (count - number) * 60_000) as Instant;
}

function factsInMemory(
  spec: EnvironmentSpec,
  { place, cases }: { place: number; cases: readonly Case[] },
): EnvironmentFacts {
  const releases = cases.map((release): ReleaseFacts => {
    const verdict = place === 0 ? undefined : release.verdicts[place - 1];
    const at = verifiedAt(release.number);
    const verified = verdict && { verdict, id: verdictId(place - 1, release.number), at, since: at, reason: 'as told' };
    return {
      id: release.id,
      number: release.number,
      commit: release.commit,
      artifact: release.artifact,
      createdAt: at,
      sightings: [],
      upstream:
        place === 0
          ? []
          : [
              {
                environment: `stage-${place - 1}`,
                verified,
                occupied: undefined,
                deployed: undefined,
                onItsWay: false,
              },
            ],
      judged: [],
      veto: undefined,
      lastOutcome: undefined,
      approvals: [],
      contribution: { known: true, contributors: [], commits: 0 },
      asked: undefined,
      evidence: [],
      proofs: noProofs,
    };
  });
  return {
    id: environmentId(place),
    spec,
    // As for a project without a pipeline, which is what is written to the tables.
    mainBranch: '',
    trust: { ...trustDefaults, signatures: 'none' },
    revision,
    running: undefined,
    hold: undefined,
    pin: undefined,
    freezes: [],
    freezesAhead: [],
    open: [],
    releases,
    usedKeys: new Set(),
    schedule: { since: now, seen: now },
    lease: undefined,
    suppressions: [],
    baseline: undefined,
    breakGlasses: [],
    overdue: [],
    now,
  };
}

function forAllPairs(
  facts: readonly EnvironmentFacts[],
  question: (environment: EnvironmentFacts, release: ReleaseFacts) => string,
): number {
  let open = 0;
  for (const environment of facts)
    for (const release of environment.releases) if (question(environment, release) === 'open') open += 1;
  return open;
}

const noPlan = sha256('no plan');
const origin = { by: 'person', actor: 'bench' } as const;

function ask(facts: EnvironmentFacts, release: ReleaseFacts, hash: Digest): Answers {
  return askGates({ facts, release, kind: 'promotion', origin, planHash: hash });
}

/** With the facts of this release alone, so that looking it up costs nothing. */
function planOfWish(facts: EnvironmentFacts, release: ReleaseFacts): Digest {
  return planHash(planOf({ ...facts, releases: [release] }, { release: release.id, kind: 'promotion' }), sha256);
}

async function deriveSample(
  url: string,
  known: { cases: readonly Case[]; facts: readonly EnvironmentFacts[] },
): Promise<{ times: number[]; different: number }> {
  const store = await openStore({
    url,
    migrationsDirectory,
    log: createLog({ level: 'warn' }),
    sealKey: new Uint8Array(32),
  });
  try {
    await fill(store, url, known.cases);
    const times: number[] = [];
    let different = 0;
    for (let asked = 0; asked < sampleSize; asked++) {
      const environment = known.facts[asked % specs.length]!;
      const release = environment.releases[(asked * 7_919) % count]!;
      let derived: Answers | undefined;
      times.push(await timed(async () => (derived = await derive(store, environment.id, release.id))));
      if (!isDeepStrictEqual(derived, ask(environment, release, noPlan))) different += 1;
    }
    return { times, different };
  } finally {
    await store.close();
  }
}

async function derive(store: PostgresStore, environment: EnvironmentId, id: ReleaseId): Promise<Answers> {
  const facts = (await store.facts(environment, { now, alsoRelease: id }))!;
  return ask(
    facts,
    facts.releases.find((release) => release.id === id)!,
    noPlan,
  );
}

/** The same project, written to the tables at once. */
async function fill(store: PostgresStore, url: string, cases: readonly Case[]): Promise<void> {
  const project = `prj_${'0'.repeat(26)}` as never;
  await store.transaction(async (tx) => {
    await tx.projects.insert({
      id: project,
      name: 'shop',
      sourceUrl: 'file:///nowhere',
      revision: undefined,
      poll: { dueAt: instant(0), failures: 0, error: undefined },
      createdAt: instant(0),
    });
    for (const [position, spec] of specs.entries())
      await tx.environments.upsert({ id: environmentId(position), project, position, spec, dueAt: instant(0) });
  });
  const releases = cases.map(({ id, number, commit, artifact }) => ({
    id,
    number,
    commit,
    artifact,
    at: verifiedAt(number),
    content: { commit, artifact, service, migrations: [], title: '', author: '' },
  }));
  const verdicts = cases.flatMap((release) =>
    release.verdicts.flatMap((verdict, place) =>
      verdict === undefined
        ? []
        : [
            {
              environment: environmentId(place),
              release: release.id,
              number: release.number,
              id: verdictId(place, release.number),
              verdict,
              at: verifiedAt(release.number),
            },
          ],
    ),
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('update projects set revision_id = $1', [revision]);
  await client.query(
    `insert into releases (id, project_id, number, commit_id, artifact, artifact_bytes, content, created_at)
     select id, $2, number, commit, artifact, 1000, content, at
     from jsonb_to_recordset($1) as (id text, number integer, commit text, artifact text, content jsonb, at bigint)`,
    [JSON.stringify(releases), project],
  );
  await client.query(
    `insert into contributions (project_id, from_commit, to_commit, contributors, commits)
     select $2, '', commit, '[]', 0 from jsonb_to_recordset($1) as (commit text)`,
    [JSON.stringify(releases), project],
  );
  await client.query(
    `insert into verifications (environment_id, release_id, number, id, verdict, at, since, reason)
     select environment, release, number, id, verdict, at, at, 'as told'
     from jsonb_to_recordset($1) as (environment text, release text, number integer, id text, verdict text, at bigint)`,
    [JSON.stringify(verdicts)],
  );
  await client.query('analyze');
  await client.end();
}
