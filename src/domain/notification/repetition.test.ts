import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NotificationId } from '../base/id.ts';
import { instant } from '../base/time.ts';
import type { EnvironmentKind } from '../pipeline/environment.ts';
import { noticeOf, type Notice } from './notice.ts';
import { callsOf, foldedInto, quietTime, tellingOf, type Earlier, type Happened } from './repetition.ts';

test('of what never stops, one is told in each quiet time: none twice as often, and silence is never longer', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 60 }), (gaps) => {
      let at = 0;
      let last: Earlier | undefined;
      for (const [index, gap] of gaps.entries()) {
        at += gap;
        const into = foldedInto(last, instant(at));
        if (into !== undefined) {
          assert.ok(last !== undefined && into === last.id && at - last.at < quietTime);
          continue;
        }
        if (last !== undefined) assert.ok(at - last.at >= quietTime);
        last = { id: `ntf_${index}` as NotificationId, at: instant(at) };
      }
    }),
  );
});

const noticeIn = (kind: string, environmentKind: EnvironmentKind, again = false): Notice | undefined =>
  noticeOf({ kind, data: { again }, at: instant(0), environmentKind, ran: true });

test('only what repeats is grouped, apart for each environment', () => {
  const grouped = (happened: Omit<Happened, 'at'>) =>
    tellingOf(noticeIn(happened.kind, 'staging')!, { ...happened, at: instant(0) }, undefined).group;
  assert.equal(grouped({ kind: 'environment.paged', environment: 'env_1' }), undefined);
  const groups = [
    { kind: 'environment.down', environment: 'env_1', project: 'prj_1' },
    { kind: 'environment.down', environment: 'env_2', project: 'prj_1' },
    { kind: 'environment.unwell', environment: 'env_2', project: 'prj_1' },
    { kind: 'source.unreachable', project: 'prj_1' },
    { kind: 'audit.inconsistent' },
  ].map(grouped);
  assert.equal(new Set(groups).size, 5);
});

type Written = Earlier & { readonly kind: string };

/** What comes of events as they are written down: a call of people, a word to those who hear more than calls, or a count. */
function writeDown(happened: readonly { readonly kind: string; readonly gap: number; readonly again?: boolean }[]) {
  const last = new Map<string, Written>();
  let at = 0;
  return happened.flatMap(({ kind, gap, again }, index) => {
    at += gap;
    const event = { kind, at: instant(at), environment: 'env_1' };
    const notice = noticeIn(kind, 'production', again);
    if (notice === undefined) return [];
    const { severity, group } = tellingOf(notice, event, last.get(callsOf(notice, event) ?? ''));
    const into = foldedInto(last.get(group!), event.at);
    const counted = into === undefined ? undefined : last.get(group!);
    if (into === undefined) last.set(group!, { id: `ntf_${index}` as NotificationId, at: event.at, kind });
    return [{ kind, at, is: counted !== undefined ? ('count' as const) : severity, counted }];
  });
}

const troubles = ['environment.down', 'environment.still-down', 'environment.unwell', 'environment.crash-looping'];

test('property: of one trouble people are called once, again only after the quiet time, and then they are', () => {
  const gap = fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 900_000 }));
  const happened = fc.array(fc.record({ kind: fc.constantFrom(...troubles), gap }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(happened, (events) => {
      let call: number | undefined;
      for (const { kind, at, is, counted } of writeDown(events)) {
        assert.equal(is === 'page', call === undefined || at - call >= quietTime, `${kind} at ${at}`);
        if (is === 'page') call = at;
        // Of another kind it is a word of its own.
        if (counted !== undefined) assert.equal(counted.kind, kind);
      }
    }),
  );
});

test('a start that fails and a service that dies again and again call nobody in an incident of which people know', () => {
  const minute = 60_000;
  const told = writeDown([
    { kind: 'environment.down', gap: 0 },
    { kind: 'environment.still-down', gap: minute },
    { kind: 'environment.down', gap: 11 * minute, again: true },
    { kind: 'environment.crash-looping', gap: minute, again: true },
    { kind: 'environment.unwell', gap: minute, again: true },
  ]);
  assert.deepEqual(
    told.map(({ is }) => is),
    ['page', 'warning', 'warning', 'warning'],
  );
});
