/** What comes to an environment next: by itself, when somebody asks for it, or not yet and why. */
import { nextTime } from '../base/calendar.ts';
import type { ReleaseId } from '../base/id.ts';
import { earliest, instant, isoTime, type Instant } from '../base/time.ts';
import { notRetried, propose } from '../promotion/automation.ts';
import type { EnvironmentFacts, ReleaseFacts } from '../promotion/facts.ts';
import type { Origin, Promotion } from '../promotion/promotion.ts';
import { peopleGates, type Answers } from './all.ts';
import { availability } from './availability.ts';
import type { NamedAnswer } from './gate.ts';

/** `deploying`: it is under way. `automatic`: nobody has to do anything. `ready`: a person may ask for it. */
export type ArrivalState = 'deploying' | 'automatic' | 'ready' | 'blocked';

export interface Arrival {
  readonly release: ReleaseId;
  readonly is: ArrivalState;
  readonly because: string;
  /** When it starts by itself, or may be judged otherwise; absent when no clock decides it. */
  readonly at?: Instant | undefined;
}

/** What the gates say about a promotion, or about the wish for one. */
type Ask = (wish: Pick<Promotion, 'release' | 'kind' | 'origin'>) => Answers;

/**
 * `candidate`: what is verified before this environment and newer than what runs here. It counts where nothing is open and
 * automation wants nothing.
 */
export function arrivalAt(facts: EnvironmentFacts, candidate: ReleaseId | undefined, ask: Ask): Arrival | undefined {
  const under = facts.open.find(({ progress }) => progress.state === 'running');
  if (under !== undefined) return { release: under.release, is: 'deploying', because: 'it is being deployed' };
  const waiting = facts.open.findLast(({ progress }) => progress.state === 'waiting');
  if (waiting !== undefined) return { release: waiting.release, ...ofWaiting(ask(waiting), facts.now) };
  const [proposal] = propose(facts, (release) => availability(facts.spec, release).answer === 'open').slice(-1);
  if (proposal !== undefined) {
    const wish = { release: proposal.release.id, kind: 'promotion', origin: proposal.origin } as const;
    return { release: wish.release, ...ofWaiting(ask(wish), facts.now) };
  }
  const wanted = facts.releases.find(({ id }) => id === candidate);
  if (wanted === undefined || wanted.number <= (facts.running?.number ?? 0)) return undefined;
  return { release: wanted.id, ...ofWish(facts, wanted, ask) };
}

type Said = Omit<Arrival, 'release'>;

/** Of one that was asked for. */
function ofWaiting({ all }: Pick<Answers, 'all'>, now: Instant): Said {
  const blocking = all.filter(({ answer }) => answer !== 'open');
  const [first] = blocking;
  if (first === undefined) return { is: 'automatic', because: 'every gate is open', at: now };
  const times = blocking.map(timeOf).filter((time) => time !== undefined);
  if (times.length === blocking.length)
    return { is: 'automatic', because: first.because, at: instant(Math.max(...times)) };
  return { is: 'blocked', because: first.because, at: earliest(...times) };
}

/** When the clock alone opens this gate. */
function timeOf(answer: NamedAnswer): Instant | undefined {
  return answer.answer === 'waiting' && answer.waitsFor === 'time' ? answer.askAgainAt : undefined;
}

const anybody: Origin = { by: 'person', actor: 'whoever asks' };

/** Of one that nobody has asked for yet. */
function ofWish(facts: EnvironmentFacts, release: ReleaseFacts, ask: Ask): Said {
  const answers = ask({ release: release.id, kind: 'promotion', origin: anybody });
  const others = answers.all.filter(({ answer }) => answer !== 'open');
  // What people are asked, they are asked once somebody has asked for it.
  if (!others.every(({ gate, answer }) => answer === 'waiting' && peopleGates.has(gate))) {
    const byItself = facts.spec.triggers.some(({ on }) => on === 'success') && facts.hold === undefined;
    const said = ofWaiting(answers, facts.now);
    return said.is === 'automatic' && !byItself ? { ...said, is: 'blocked' } : said;
  }
  const { lastOutcome } = release;
  if (lastOutcome !== undefined && notRetried.includes(lastOutcome))
    return { is: 'blocked', because: `its last try here: ${lastOutcome}; only a person tries it again` };
  if (facts.hold !== undefined)
    return { is: 'ready', because: `automation is on hold by ${facts.hold.by}: a person may ask for it` };
  const scheduled = earliest(
    ...facts.spec.triggers.map((trigger) =>
      trigger.on === 'schedule' ? nextTime(trigger.schedule, facts.now) : undefined,
    ),
  );
  if (scheduled !== undefined && facts.spec.queue !== 'manual')
    return { is: 'automatic', because: `by its schedule, at ${isoTime(scheduled)}`, at: scheduled };
  const then = others.map((answer) => (isForPerson(answer) ? answer.because : `the gate ${answer.gate}`));
  return { is: 'ready', because: ['somebody may ask for it', ...then.map((one) => `then ${one}`)].join('; ') };
}

function isForPerson(answer: NamedAnswer): boolean {
  return answer.answer === 'waiting' && answer.waitsFor === 'person';
}
