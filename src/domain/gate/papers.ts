/** What people read and accept before a deployment: the release notes, and the plan. */
import { isoTime } from '../base/time.ts';
import { open, waiting, type Gate } from './gate.ts';
import { rangeUnknown } from './review.ts';

/** Release notes, written by a person or generated, then accepted by a person. */
export const notesGate: Gate = {
  name: 'notes',
  asks: 'people',
  answer(question) {
    const {
      facts: { spec, running },
      release,
      kind,
    } = question;
    if (!spec.gates.some((gate) => gate.gate === 'notes') || kind === 'rollback') return undefined;
    const { notes } = release.proofs;
    const where = `${release.number} ${spec.name}`;
    const unblock = `liftlock notes show ${where}, then liftlock notes accept ${where}`;
    // Notes are made of the commits.
    if (notes === undefined && release.proofs.commits === undefined) return rangeUnknown(question);
    if (notes === undefined) return waiting('person', 'there are no release notes', unblock);
    if (notes.source === 'generated' && notes.base !== running?.release)
      return waiting(
        'person',
        `its release notes tell the way from another release than the one that ${spec.name} runs now`,
        unblock,
      );
    if (notes.acceptedBy === undefined)
      return waiting('person', `its release notes, ${notes.source} by ${notes.by}, were not accepted yet`, unblock);
    return open(`release notes ${notes.source} by ${notes.by}, accepted by ${notes.acceptedBy}`);
  },
};

/** R21: the plan of exactly this deployment, accepted by a person. */
export const planGate: Gate = {
  name: 'plan',
  asks: 'people',
  answer(question) {
    const {
      facts: { spec },
      release,
      kind,
      planHash,
    } = question;
    if (!spec.gates.some((gate) => gate.gate === 'plan') || kind === 'rollback') return undefined;
    const accepted = release.proofs.plans.find((plan) => plan.planHash === planHash);
    if (accepted !== undefined) return open(`plan accepted by ${accepted.by} at ${isoTime(accepted.at)}`);
    // A plan tells what it brings.
    if (release.proofs.commits === undefined) return rangeUnknown(question);
    const stale = release.proofs.plans.map(({ by }) => by);
    const voided = stale.length === 0 ? '' : `; what ${[...new Set(stale)].join(' and ')} accepted was another plan`;
    return waiting(
      'person',
      `nobody has accepted the plan${voided}`,
      `liftlock plan ${release.number} ${spec.name}, then the same with --accept`,
    );
  },
};
