/** Gates that wait for a clock, a turn or a person (R7, R8, R21–R24, R26). */
import { windowAt } from '../base/calendar.ts';
import { isoTime } from '../base/time.ts';
import type { Approval } from '../promotion/facts.ts';
import { aheadOf } from '../promotion/queue.ts';
import { closed, lookAgain, open, waiting, type Gate } from './gate.ts';

/** R26: closed windows name their next opening. */
export const windowGate: Gate = {
  name: 'window',
  asks: 'facts',
  answer({ facts: { spec, now }, kind }) {
    const windows = spec.gates.filter((gate) => gate.gate === 'window');
    if (windows.length === 0 || kind === 'rollback') return undefined;
    const shut = windows.map((gate) => windowAt(gate.window, now)).filter((state) => !state.open);
    if (shut.length === 0) return open('inside the deployment window');
    const opensAt = shut
      .map((state) => state.opensAt)
      .reduce((left, right) => (left === undefined || right === undefined ? undefined : left > right ? left : right));
    if (opensAt === undefined)
      return waiting(
        'person',
        'the deployment window does not open within a year',
        'change the window in the pipeline',
      );
    return lookAgain(opensAt, waiting('time', 'outside the deployment window', `wait until ${isoTime(opensAt)}`));
  },
};

/** R7, R8: one promotion at a time deploys in an environment, and in a queue the first in line goes first. */
export const turnGate: Gate = {
  name: 'turn',
  asks: 'facts',
  answer({ facts, kind, promotion: asked }) {
    const { open: promotions, spec, lease, now } = facts;
    const active = promotions.find((promotion) => promotion.progress.state === 'running');
    if (active !== undefined) {
      return waiting(
        'turn',
        `${active.id} is being deployed to ${spec.name}`,
        `wait for it to end, or liftlock abort ${active.id}`,
      );
    }
    const ahead = aheadOf(facts, kind, asked);
    if (ahead !== undefined)
      return waiting(
        'turn',
        `${ahead.id} is before it in the queue of ${spec.name}`,
        `wait for it to end, or liftlock abort ${ahead.id}`,
      );
    if (lease === undefined || lease.expiresAt <= now) return undefined;
    return lookAgain(
      lease.expiresAt,
      waiting('turn', `the release of ${spec.name} is being started again`, 'wait for it to end'),
    );
  },
};

/** R21–R23: enough different people approved exactly this plan, and nobody rejected it. */
export const approvalGate: Gate = {
  name: 'approval',
  asks: 'people',
  answer({ facts: { spec }, release, kind, planHash }) {
    const required = spec.gates.find((gate) => gate.gate === 'approval');
    if (required === undefined || kind === 'rollback') return undefined;
    const current = release.approvals.filter((approval) => approval.planHash === planHash);
    const rejection = current.find((approval) => approval.decision === 'reject');
    if (rejection !== undefined) {
      return closed(
        `${rejection.actor} rejected it: ${rejection.reason}`,
        'a changed plan can be approved again; promote a newer release',
      );
    }
    const people = approvers(current);
    if (people.length >= required.count) return open(`approved by ${people.join(' and ')}`);
    const stale = approvers(
      release.approvals.filter((approval) => approval.planHash !== planHash && approval.decision === 'approve'),
    );
    const voided = stale.length === 0 ? '' : ` (approval by ${stale.join(' and ')} was for another plan and is void)`;
    return waiting(
      'person',
      `${people.length} of ${required.count} approvals${voided}`,
      `liftlock approve ${release.number} ${spec.name}`,
    );
  },
};

/** R22: distinct people, whatever number of times they said so. */
function approvers(approvals: readonly Approval[]): readonly string[] {
  return [
    ...new Set(approvals.filter((approval) => approval.decision === 'approve').map((approval) => approval.actor)),
  ];
}
