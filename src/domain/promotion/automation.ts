/** Which promotions automation should open in an environment, from what is known (R6, R8, R10, R11, R28, R39). */
import type { TriggerSpec } from '../pipeline/environment.ts';
import type { EnvironmentFacts, ReleaseFacts } from './facts.ts';
import type { Origin, Outcome } from './promotion.ts';
import { timeThatCounts } from './schedule.ts';
import { trusted } from './trusted.ts';

export interface Proposal {
  readonly release: ReleaseFacts;
  readonly origin: Origin & { readonly by: 'trigger' };
}

/** R10: after one of these, automation leaves the release alone; a person or a newer release goes on. */
export const notRetried: readonly Outcome[] = ['failed', 'errored', 'inconclusive', 'aborted', 'rolled-back'];

/** Promotions to open, oldest release first. `available` answers R1 for a release. */
export function propose(facts: EnvironmentFacts, available: (release: ReleaseFacts) => boolean): readonly Proposal[] {
  if (facts.hold !== undefined || facts.pin !== undefined || facts.spec.queue === 'manual') return [];
  const candidates = facts.releases
    .filter((release) => isCandidate(facts, release))
    .flatMap((release) => {
      const origin = satisfied(facts, release, available);
      return origin === undefined ? [] : [{ release, origin }];
    })
    .sort((left, right) => left.release.number - right.release.number);
  return facts.spec.queue === 'queue' ? candidates : candidates.slice(-1);
}

function isCandidate(facts: EnvironmentFacts, release: ReleaseFacts): boolean {
  if (release.veto !== undefined) return false;
  // It would be refused at once, and its trigger be used up when it is accepted later.
  if (trusted(facts, release).standing === 'refused') return false;
  if (facts.running !== undefined && release.number <= facts.running.number) return false;
  if (release.lastOutcome !== undefined && notRetried.includes(release.lastOutcome)) return false;
  const newestOpen = newestOpenNumber(facts);
  if (facts.spec.queue !== 'queue' && newestOpen !== undefined && release.number <= newestOpen) return false;
  return !facts.open.some((promotion) => promotion.release === release.id);
}

function newestOpenNumber(facts: EnvironmentFacts): number | undefined {
  const openReleases = new Set(facts.open.map((promotion) => promotion.release));
  const numbers = facts.releases.filter((release) => openReleases.has(release.id)).map((release) => release.number);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** The first trigger of the environment that this release satisfies with an event not yet used. */
function satisfied(
  facts: EnvironmentFacts,
  release: ReleaseFacts,
  available: (release: ReleaseFacts) => boolean,
): Proposal['origin'] | undefined {
  for (const trigger of facts.spec.triggers) {
    const key = keyFor(trigger, release, { facts, available });
    if (
      key !== undefined &&
      !facts.usedKeys.has(`${release.id} ${key}`) &&
      !(trigger.on === 'schedule' && usedByAny(facts, key))
    ) {
      return { by: 'trigger', trigger: trigger.on as Proposal['origin']['trigger'], key };
    }
  }
  return undefined;
}

function usedByAny(facts: EnvironmentFacts, key: string): boolean {
  return [...facts.usedKeys].some((used) => used.endsWith(` ${key}`));
}

function keyFor(
  trigger: TriggerSpec,
  release: ReleaseFacts,
  context: { facts: EnvironmentFacts; available: (release: ReleaseFacts) => boolean },
): string | undefined {
  switch (trigger.on) {
    case 'commit':
    case 'main':
    case 'tag':
      return release.sightings.find((sighting) => sighting.trigger === trigger.on)?.key;
    case 'success':
      return context.available(release) ? successKey(release) : undefined;
    case 'schedule': {
      const due = timeThatCounts(trigger, context.facts);
      if (due === undefined || !context.available(release)) return undefined;
      return availableSince(context.facts.spec.after.mode, release) <= due ? `schedule:${due}` : undefined;
    }
    case 'manual':
      return undefined;
  }
}

/** A schedule asks for what was available when its time came; what became so later waits for the next time. */
function availableSince(mode: 'all' | 'any', release: ReleaseFacts): number {
  const since = release.upstream.flatMap(({ verified }) => (verified?.verdict === 'PASS' ? [verified.since] : []));
  if (since.length === 0) return release.createdAt;
  return mode === 'all' ? Math.max(...since) : Math.min(...since);
}

/** Names the start of the upstream success, so that a success revoked and regained counts as a new event. */
function successKey(release: ReleaseFacts): string {
  const passed = release.upstream.filter((upstream) => upstream.verified?.verdict === 'PASS');
  return `success:${passed.map((upstream) => `${upstream.environment}@${upstream.verified!.since}`).join('+')}`;
}
