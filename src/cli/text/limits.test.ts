import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentView } from '../../api/contract/environments.ts';
import { limitsText } from './limits.ts';

const running = { release: { id: 'rel_1', number: 1 } } as unknown as EnvironmentView['running'];
const limits = (sentence: string) => ({ bodyBytes: null, connectMs: 1, answerMs: 1, idleMs: 1, sentence });

test('environments with the same limits share a line; where nothing runs, or Liftlock leads nobody, there is none', () => {
  const told = limitsText([
    { name: 'intake', running, limits: null },
    { name: 'testing', running, limits: limits('bodies of any size') },
    { name: 'staging', running, limits: limits('bodies of at most 10 bytes') },
    { name: 'production', running, limits: limits('bodies of any size') },
    { name: 'next', running: null, limits: limits('bodies of any size') },
  ]);
  assert.deepEqual(told, [
    'requests of testing, production: bodies of any size',
    'requests of staging: bodies of at most 10 bytes',
  ]);
});
