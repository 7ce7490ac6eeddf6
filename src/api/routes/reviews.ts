import type { Instant } from '../../domain/base/time.ts';
import { reviewable, reviewIn } from '../../engine/gate/review.ts';
import { signOffIn } from '../../engine/gate/sign-off.ts';
import { liftSuppressionIn, listSuppressions as list, suppressIn } from '../../engine/release/suppress.ts';
import {
  createReview,
  createSuppression,
  liftSuppression,
  listSuppressions,
  showReviewable,
  signOff,
} from '../contract/reviews.ts';
import { command, query, type Route } from '../route.ts';

export function reviewRoutes(): readonly Route[] {
  return [
    query(showReviewable, (world, { params, query: { environment } }) => reviewable(world, { ...params, environment })),
    command(createReview, (world, tx, { params, body, actor }) => reviewIn(world, tx, { ...params, ...body, actor })),
    command(signOff, (world, tx, { params, body, actor }) => signOffIn(world, tx, { ...params, ...body, actor })),
    query(listSuppressions, async (world, { params }) => ({ suppressions: await list(world, params.project) })),
    command(createSuppression, (world, tx, { params, body, actor }) =>
      suppressIn(world, tx, { ...params, ...body, until: body.until as Instant, actor }),
    ),
    command(liftSuppression, (world, tx, { params, body, actor }) =>
      liftSuppressionIn(world, tx, { ...params, ...body, actor }),
    ),
  ];
}
