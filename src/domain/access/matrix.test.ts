import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentKinds } from '../pipeline/environment.ts';
import { actions, ruleOf } from './matrix.ts';
import { roles } from './role.ts';

test('an action reads noun:verb, and everybody it allows is a role', () => {
  for (const action of actions) {
    assert.match(action, /^[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*$/);
    for (const role of Object.keys(ruleOf(action).allows)) assert.ok((roles as readonly string[]).includes(role), role);
  }
});

test('no cell is empty, and kinds matter to actions on environments only', () => {
  for (const action of actions) {
    const { scope, allows } = ruleOf(action);
    for (const kinds of Object.values(allows)) {
      assert.ok(kinds.length > 0, action);
      assert.equal(new Set(kinds).size, kinds.length, action);
      if (scope !== 'environment') assert.deepEqual(kinds, environmentKinds, action);
    }
  }
});
