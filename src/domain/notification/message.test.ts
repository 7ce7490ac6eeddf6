import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NotificationId } from '../base/id.ts';
import { notificationEvent, textOf, titleOf, type Message } from './message.ts';

function message(changes: Partial<Message> = {}): Message {
  return {
    id: 'ntf_1' as NotificationId,
    severity: 'page',
    summary: 'a deployment failed',
    event: {
      id: 'evt_1',
      kind: 'promotion.ended',
      actor: 'ann',
      at: 0,
      promotion: 'prm_1',
      data: { reason: 'no answer' },
    },
    source: 'liftlock/1',
    project: 'shop',
    environment: 'production',
    release: 12,
    deciders: [],
    more: 0,
    ...changes,
  };
}

test('a title is one line without control characters, whatever names hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (project, environment) => {
      assert.match(titleOf(message({ project, environment })), /^[^\p{Cc}\u2028\u2029]{1,200}$/u);
    }),
  );
  assert.equal(titleOf(message()), '[page] shop production: a deployment failed (#12)');
});

test('a text says why, who, when, who could decide and how often, and where it is in the record', () => {
  const text = textOf(message({ deciders: ['bo', 'cy'], more: 3 }));
  for (const part of ['no answer', 'who: ann', '1970-01-01T00:00Z', 'bo, cy', '3 more times', 'evt_1', 'ntf_1'])
    assert.ok(text.includes(part), part);
});

test('the event is a CloudEvent with a required attribute each, and names beside the ids', () => {
  const event = notificationEvent(message());
  assert.deepEqual(
    [event.specversion, event.id, event.source, event.type, event.subject, event.severity],
    ['1.0', 'evt_1', 'liftlock/1', 'dev.liftlock.promotion.ended', 'prm_1', 'page'],
  );
  assert.deepEqual(event.data.notification, {
    id: 'ntf_1',
    title: '[page] shop production: a deployment failed (#12)',
    summary: 'a deployment failed',
    because: 'no answer',
    project: 'shop',
    environment: 'production',
    release: 12,
    couldDecide: [],
    more: 0,
  });
});
