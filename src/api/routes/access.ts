import { actions, ruleOf } from '../../domain/access/matrix.ts';
import { roleMeanings, roles } from '../../domain/access/role.ts';
import { environmentKinds } from '../../domain/pipeline/environment.ts';
import { showMatrix, type MatrixView } from '../contract/access.ts';
import type { Endpoint } from '../contract/endpoint.ts';
import { query, type Route } from '../route.ts';

/** `endpoints`: every one there is. */
export function accessRoutes(endpoints: () => readonly Endpoint[]): readonly Route[] {
  return [query(showMatrix, async () => matrixOf(endpoints()))];
}

function matrixOf(endpoints: readonly Endpoint[]): MatrixView {
  return {
    roles: roles.map((role) => ({ role, meaning: roleMeanings[role] })),
    kinds: [...environmentKinds],
    rules: actions.map((action) => {
      const { scope, allows } = ruleOf(action);
      return {
        action,
        scope,
        allows: Object.fromEntries(Object.entries(allows).map(([role, kinds]) => [role, [...kinds]])),
        routes: endpoints
          .filter(({ permission }) => permission === action)
          .map(({ method, path }) => `${method} ${path}`),
      };
    }),
  };
}
