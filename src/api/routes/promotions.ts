import { listPromotions as list, showPromotion as show } from '../../engine/views/lists.ts';
import { sweepContributors } from '../../engine/gate/contributors.ts';
import { promoteIn } from '../../engine/promotion/promote.ts';
import { abortIn, tellHolder } from '../../engine/promotion/stop.ts';
import { abortPromotion, createPromotion, listPromotions, showPromotion } from '../contract/promotions.ts';
import type { Background } from '../background.ts';
import { firstOf, placeOf } from '../page.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { environmentInBody, ofPromotion } from '../subject.ts';

export function promotionRoutes(background: Background): readonly Route[] {
  return [
    query(listPromotions, async (world, { params, query: { environment, limit, cursor } }) => {
      const page = { limit: limit + 1, ...placeOf(cursor), ...(environment === undefined ? {} : { environment }) };
      const { items, cursor: next } = firstOf(
        await list(world, params.project, page),
        limit,
        (promotion) => promotion.cursor,
      );
      return { promotions: items.map(({ cursor: _seq, ...promotion }) => promotion), cursor: next };
    }),

    judgedBy(
      environmentInBody,
      command(
        createPromotion,
        (world, tx, { params, body, actor }) => promoteIn(world, tx, { ...params, ...body, actor }),
        (world) => background.run('contributors', () => sweepContributors(world)),
      ),
    ),

    judgedBy(
      ofPromotion,
      query(showPromotion, (world, { params }) => show(world, params.promotion)),
    ),

    judgedBy(
      ofPromotion,
      command(
        abortPromotion,
        (world, tx, { params, body, actor }) => abortIn(world, tx, { ...params, ...body, actor }),
        (world) => void tellHolder(world),
      ),
    ),
  ];
}
