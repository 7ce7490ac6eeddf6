/** What must hold in the tables after every command, and whether they agree with the reference model and with the world outside. */
import assert from 'node:assert/strict';
import { newReference, type LoggedEvent, type PlaceRules, type Reference } from './reference-state.ts';
import { happen } from './reference.ts';
import type { EnvironmentRow, PromotionRow, VerificationRow } from './rows.ts';
import type { Stage } from './stage.ts';

export interface Auditor {
  /** Reads what happened since the last audit. @throws AssertionError that names the rule that does not hold. */
  audit(): Promise<Reference>;
}

export function createAuditor(stage: Stage): Auditor {
  const reference = newReference(rulesOf(stage));
  let seen = 0;
  return {
    async audit() {
      const events = await stage.query<LoggedEvent>('select * from events where seq > $1 order by seq', [seen]);
      for (const event of events) {
        happen(reference, event);
        seen = event.seq;
      }
      await auditPromotions(stage, reference);
      await auditEnvironments(stage, reference);
      await auditOccupancy(stage);
      return reference;
    },
  };
}

function rulesOf({ environments }: Stage): ReadonlyMap<string, PlaceRules> {
  return new Map(
    environments.map(({ id, spec }): [string, PlaceRules] => {
      const approval = spec.gates.find((gate) => gate.gate === 'approval');
      const soak = spec.gates.find((gate) => gate.gate === 'soak');
      const span = spec.gates.find((gate) => gate.gate === 'window')?.window.allow[0];
      return [
        id,
        {
          name: spec.name,
          after: spec.after.environments,
          mode: spec.after.mode,
          queue: spec.queue,
          approvals: approval?.count ?? 0,
          soak: soak?.for ?? 0,
          window: span && { from: Number(span.from.slice(0, 2)), to: Number(span.to.slice(0, 2)) },
        },
      ];
    }),
  );
}

async function auditPromotions(stage: Stage, reference: Reference): Promise<void> {
  const rows = await stage.query<PromotionRow>(
    `select p.*, e.due_at, e.lease_promotion_id, e.spec->>'queue' as queue from promotions p join environments e on e.id = p.environment_id order by p.seq`,
  );
  assert.deepEqual(
    rows.map(({ id }) => id).toSorted(),
    [...reference.promotions.keys()].toSorted(),
    'R41: every promotion has its event',
  );
  const now = Number(stage.outside.clock.now());
  for (const row of rows) {
    const told = reference.promotions.get(row.id)!;
    assert.deepEqual(
      [row.state, row.outcome ?? undefined],
      [told.state, told.outcome],
      `R41: the events of ${row.id} lead to its row`,
    );
    if (row.state === 'running') {
      assert.equal(row.phase, told.phase, `R41: the phase of ${row.id}`);
      assert.equal(row.lease_promotion_id, row.id, `R7: ${row.id} runs and holds the lease of its environment`);
    }
    if (row.state === 'ended') {
      assert.ok(
        row.outcome && row.reason && row.ended_at,
        `R12: ${row.id} has ended with an outcome, a time and a reason`,
      );
      const asked = row.stop?.cause === 'shut' ? 'refused' : 'aborted';
      assert.ok(row.stop === null || row.outcome === asked, `R14: ${row.id} was to be stopped and was`);
    }
    if (row.state === 'waiting' && !isLookedAtNext(row, now)) auditWaiting(row);
  }
  // One that was put back stands beside a newer one until then.
  const line = rows.filter(
    (row) => row.state === 'waiting' && row.kind === 'promotion' && row.queue === 'latest' && !isLookedAtNext(row, now),
  );
  assert.equal(
    new Set(line.map(({ environment_id }) => environment_id)).size,
    line.length,
    'R8: latest leaves at most one waiting',
  );
}

/** Whatever is to be said of what waits in its environment is said then. */
function isLookedAtNext({ due_at: dueAt }: PromotionRow, now: number): boolean {
  return dueAt !== null && dueAt <= now;
}

/** R42 */
function auditWaiting({ id, answers, due_at: dueAt, ask_again_at: askAgainAt }: PromotionRow): void {
  assert.ok(answers !== null, `R42: ${id} waits and says for what`);
  assert.equal(answers.summary, 'waiting', `R42: ${id} waits although its gates say ${answers.summary}`);
  const blocking = answers.all.flatMap((answer) => (answer.answer === 'waiting' ? [answer] : []));
  assert.ok(blocking.length > 0, `R42: ${id} waits for something`);
  assert.ok(
    blocking.every(({ because, unblock }) => because !== '' && unblock !== ''),
    `R42: ${id} says what would unblock it`,
  );
  const somebodyMustAct = blocking.some(({ waitsFor }) => waitsFor !== 'time');
  assert.ok(askAgainAt !== null || somebodyMustAct, `R42: ${id} waits for a time that nobody wrote down`);
  assert.ok(
    askAgainAt === null || (dueAt !== null && dueAt <= askAgainAt),
    `R42: ${id} is looked at when it asked to be`,
  );
}

async function auditEnvironments(stage: Stage, reference: Reference): Promise<void> {
  const rows = await stage.query<EnvironmentRow>(`select e.*, d.release_id as running, p.state as lease_state
    from environments e left join deployments d on d.id = e.deployment_id left join promotions p on p.id = e.lease_promotion_id`);
  for (const row of rows) {
    const told = reference.places.get(row.id)!;
    assert.equal(row.running ?? undefined, told.running, `R41: what runs in ${row.name}`);
    assert.equal(row.hold !== null, told.held, `R41: the hold of ${row.name}`);
    assert.equal(row.pin?.release, told.pin, `R41: the pin of ${row.name}`);
    assert.ok(
      row.lease_id === null || row.lease_state === 'running',
      `R7: nobody holds the lease of ${row.name} for something that has ended`,
    );
    if (row.lease_id === null && stage.outside.serving.get(row.id) !== undefined) {
      assert.equal(
        stage.outside.serving.get(row.id),
        reference.numbers.get(row.running ?? ''),
        `R40: what is recorded to run in ${row.name} is what serves there`,
      );
    }
  }
  const verdicts = await stage.query<VerificationRow>('select environment_id, release_id, verdict from verifications');
  for (const { environment_id, release_id, verdict } of verdicts) {
    assert.equal(
      reference.places.get(environment_id)?.verdicts.get(release_id)?.verdict,
      verdict,
      'R41: a verdict is what its last event says',
    );
  }
}

async function auditOccupancy(stage: Stage): Promise<void> {
  const overlaps =
    await stage.query(`select a.id, b.id as other from deployments a join deployments b on b.environment_id = a.environment_id and b.id <> a.id
    where a.occupied_from is not null and b.occupied_from is not null
      and a.occupied_from < coalesce(b.occupied_until, 9e15) and b.occupied_from < coalesce(a.occupied_until, 9e15)`);
  assert.deepEqual(overlaps, [], 'R4: two releases never run in one environment at once');
  const current =
    await stage.query(`select e.name from environments e left join deployments d on d.environment_id = e.id and d.occupied_from is not null and d.occupied_until is null
    group by e.id having count(d.id) > 1 or max(d.id) is distinct from e.deployment_id`);
  assert.deepEqual(current, [], 'R4: what runs is the one occupancy without an end');
}
