/** R25: a promotion that passed a gate by break-glass uses it up, and somebody has to look back at it in time. */
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Answers } from '../../domain/gate/all.ts';
import type { EnvironmentFacts } from '../../domain/promotion/facts.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { newId, type World } from '../world.ts';

/** Long enough to sleep and to write down what happened. */
const followUpTime = 259_200_000 as Duration;

export async function useGlass(
  world: World,
  tx: Transaction,
  {
    environment,
    promotion,
    judgement,
    facts: { now, breakGlasses },
  }: { environment: Environment; promotion: Promotion; judgement: Answers; facts: EnvironmentFacts },
): Promise<void> {
  const passed = Map.groupBy(judgement.all, (answer) => (answer.answer === 'open' ? answer.breakGlass : undefined));
  for (const [id, answers] of passed) {
    // Of one that was put back after its start, it is used already.
    const isUsed = breakGlasses.some((glass) => glass.id === id && glass.promotion === promotion.id);
    if (id === undefined || isUsed) continue;
    await tx.breakGlasses.use(id, promotion.id, now);
    const followUp = { id: newId(world, 'fup'), project: environment.project, breakGlass: id, openedAt: now };
    await tx.followUps.insert({ ...followUp, dueAt: plus(now, followUpTime), closed: undefined });
    const about = {
      actor: actors.engine,
      at: now,
      project: environment.project,
      environment: environment.id,
      release: promotion.release,
      promotion: promotion.id,
    };
    await tx.events.append(
      { kind: 'break-glass.used', ...about, data: { breakGlass: id, gates: answers.map(({ gate }) => gate) } },
      {
        kind: 'follow-up.opened',
        ...about,
        data: { followUp: followUp.id, breakGlass: id, dueAt: plus(now, followUpTime) },
      },
    );
  }
}
