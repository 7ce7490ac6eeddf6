/** Erases what the event log says about a person, at his wish. What the audit log proves is left as it is. */
import { erasureKind } from '../../domain/audit/verify-log.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Transaction } from '../../ports/store.ts';
import type { World } from '../world.ts';

export interface EraseRequest {
  readonly handle: string;
  /** Names and addresses by which this person is known in texts, besides those that are on record. */
  readonly others: readonly string[];
  /** Also the reasons and notes that this person wrote. */
  readonly textsToo: boolean;
  readonly reason: string;
  readonly actor: string;
}

/** Places told by one event. */
const placesTold = 500;

/** Answers how many texts are gone. @throws Failure `request/conflict` for somebody who may still sign in. */
export async function eraseIn(world: World, tx: Transaction, request: EraseRequest): Promise<number> {
  const { handle, textsToo, reason, actor } = request;
  const person = await tx.people.byHandle(handle);
  if (person !== undefined && person.disabledAt === undefined)
    throw new Failure('request/conflict', `${handle} may still sign in, and would be recorded again`, {
      hint: `liftlock person disable ${handle}`,
    });
  const others = [...(person === undefined ? [] : [person.name, ...person.emails]), ...request.others];
  const places = await tx.audit.erase({ handle, others }, { textsToo });
  if (person !== undefined) await tx.people.erase(person.id);
  const about = person === undefined ? {} : { person: person.id };
  for (let from = 0; from === 0 || from < places.length; from += placesTold)
    await tx.events.append({
      kind: erasureKind,
      actor,
      at: world.clock.now(),
      data: { ...about, reason, places: places.slice(from, from + placesTold) },
    });
  return places.length;
}
