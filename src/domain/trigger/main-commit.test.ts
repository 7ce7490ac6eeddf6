import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptanceWith,
  goodSignature,
  judgedAt,
  mainCommitWith,
  mainStandingWith,
  objectId,
  platformSigner,
  signerWith,
} from '../../../test/make/judged.ts';
import { instant } from '../base/time.ts';
import { known, refusals, refusalSentence, unknown } from './check.ts';
import { judgeMainCommit, type MainCommit, type MainStanding } from './main-commit.ts';

const judge = (found: Partial<MainCommit> = {}, standing: Partial<MainStanding> = {}) =>
  judgeMainCommit(mainCommitWith(found), mainStandingWith(standing));

test('a merge that a maintainer signed is accepted, and says what it rests on', () => {
  const judgement = judge();
  assert.deepEqual(refusals(judgement), []);
  assert.equal(judgement.accepted, true);
  assert.equal(judgement.basis, 'maintainer-signature');
});

test('a direct commit of a maintainer is accepted without a merge to compare with', () => {
  assert.equal(judge({ parents: [objectId('b')], merge: undefined }).accepted, true);
});

const refused: readonly (readonly [string, Partial<MainCommit>, Partial<MainStanding>])[] = [
  ['NOT_MAIN', { ref: 'refs/heads/feature' }, {}],
  ['NOT_ON_MAIN', {}, { onMain: false }],
  ['MAIN_REWOUND', {}, { rewound: { from: objectId('e'), to: objectId('f'), at: judgedAt } }],
  ['MAIN_REWOUND', {}, { rewound: { from: objectId('e'), to: undefined, at: judgedAt } }],
  ['NOT_FAST_FORWARD', { fastForward: known(false) }, {}],
  ['WRONG_ROOT', { root: known(objectId('2')) }, {}],
  ['UNSIGNED', { signature: known({ good: false, code: 'SIGNATURE_MISSING', because: 'none' }) }, {}],
  ['SIGNATURE_BAD', { signature: known({ good: false, code: 'SIGNATURE_BAD', because: 'other bytes' }) }, {}],
  ['SIGNATURE_X509', { signature: known({ good: false, code: 'SIGNATURE_X509', because: 'a certificate' }) }, {}],
  ['SIGNER_UNKNOWN', { signature: known({ good: false, code: 'SIGNER_UNKNOWN', because: 'who?' }) }, {}],
  ['SIGNER_UNKNOWN', {}, { signer: undefined }],
  ['SIGNER_UNKNOWN', { signature: goodSignature('SHA256:other') }, {}],
  [
    'SIGNER_REVOKED',
    {},
    { signer: signerWith(['maintainer'], { revoked: { at: judgedAt, by: 'ada', reason: 'lost' } }) },
  ],
  ['SIGNER_EXPIRED', {}, { signer: signerWith(['maintainer'], { expiresAt: judgedAt }) }],
  ['SIGNER_NOT_MAINTAINER', {}, { signer: signerWith(['developer', 'release-manager', 'admin']) }],
  ['PLATFORM_SIGNATURE', { signature: goodSignature('SHA256:platform') }, { signer: platformSigner }],
  ['FIRST_PARENT_UNVERIFIED', {}, { firstParentVerified: false }],
  ['SEEN_ON_OTHER_REF', { firstSeen: known({ ref: 'refs/heads/feature', at: judgedAt }) }, {}],
  ['TREE_NOT_THE_REVIEWED_MERGE', { merge: known({ clean: true, tree: objectId('9') }) }, {}],
  ['TREE_NOT_THE_REVIEWED_MERGE', { merge: known({ clean: false, because: 'conflict in a.txt' }) }, {}],
  ['REPLAYED', {}, { replayOf: objectId('8') }],
  ['UNDETERMINED', { signature: unknown('gpg did not answer') }, {}],
  ['UNDETERMINED', { root: unknown('git did not answer') }, {}],
  ['UNDETERMINED', { fastForward: unknown('git did not answer') }, {}],
  ['UNDETERMINED', { firstSeen: unknown('not in the log') }, {}],
  ['UNDETERMINED', { merge: unknown('git did not answer') }, {}],
];

for (const [code, found, standing] of refused) {
  test(`${code}: ${JSON.stringify({ ...found, ...standing }).slice(0, 90)}`, () => {
    const judgement = judge(found, standing);
    assert.deepEqual(refusals(judgement), [code]);
    assert.equal(judgement.accepted, false);
    assert.equal(judgement.basis, undefined);
    assert.ok(judgement.checks.every(({ passed, hint }) => passed === (hint === undefined)));
    assert.match(refusalSentence(judgement), new RegExp(`^${code}: `));
  });
}

test('what cannot be read strictly is refused under the name of what is wrong with it', () => {
  const judgement = judge({ unreadable: { code: 'SIGNATURE_MULTIPLE', because: 'it has two signatures' } });
  assert.deepEqual(refusals(judgement), ['SIGNATURE_MULTIPLE']);
});

test('a signer whose person is disabled signs nothing any more', () => {
  const owner = { by: 'person', person: 'per_1', handle: 'mara', disabled: true } as never;
  assert.deepEqual(refusals(judge({}, { signer: signerWith(['maintainer'], { owner }) })), ['SIGNER_DISABLED']);
});

test('a key is judged at our time: good until the moment it expires', () => {
  const expiresAt = instant(judgedAt + 1);
  assert.equal(judge({}, { signer: signerWith(['maintainer'], { expiresAt }) }).accepted, true);
});

const byPlatform = { mode: 'hosted', signer: platformSigner } as const;
const platformMade = { signature: goodSignature('SHA256:platform') };

test('hosted: the platform signs and a maintainer accepts, and it is never called a maintainer`s signature', () => {
  const judgement = judge(platformMade, { ...byPlatform, acceptance: acceptanceWith() });
  assert.equal(judgement.accepted, true);
  assert.equal(judgement.basis, 'hosted-acceptance');
  assert.ok(judgement.checks.some(({ sentence }) => sentence.includes('signed by the platform, not by a person')));
});

test('hosted: without an acceptance, for another commit or tree, or by somebody who is no maintainer, it is refused', () => {
  const acceptances = [
    undefined,
    acceptanceWith({ commit: objectId('5') }),
    acceptanceWith({ tree: objectId('5') }),
    acceptanceWith({ byMaintainer: false }),
  ];
  for (const acceptance of acceptances)
    assert.deepEqual(refusals(judge(platformMade, { ...byPlatform, acceptance })), ['NOT_ACCEPTED']);
});

test('hosted: a revoked or expired key of the platform vouches for nothing', () => {
  const acceptance = acceptanceWith();
  const revoked = { ...platformSigner, revoked: { at: judgedAt, by: 'ada', reason: 'rotated' } };
  assert.ok(refusals(judge(platformMade, { mode: 'hosted', acceptance, signer: revoked })).includes('SIGNER_REVOKED'));
  const expired = { ...platformSigner, expiresAt: judgedAt };
  assert.ok(refusals(judge(platformMade, { mode: 'hosted', acceptance, signer: expired })).includes('SIGNER_EXPIRED'));
});

test('hosted: what a platform made must have its signature good, whatever was accepted', () => {
  const signature = known({ good: false, code: 'SIGNATURE_BAD', because: 'other bytes' } as const);
  const judgement = judge({ signature }, { ...byPlatform, acceptance: acceptanceWith() });
  assert.ok(refusals(judgement).includes('SIGNATURE_BAD'));
});

test('hosted: a maintainer may still merge and sign by hand, and that is shown as what it is', () => {
  assert.equal(judge({}, { mode: 'hosted' }).basis, 'maintainer-signature');
});

test('strict: no acceptance makes up for a platform`s signature', () => {
  const judgement = judge(platformMade, { signer: platformSigner, acceptance: acceptanceWith() });
  assert.deepEqual(refusals(judgement), ['PLATFORM_SIGNATURE']);
});

test('any mixture of wrong things is refused, and every one of them that can be seen is told', () => {
  const parts = refused.map(([code, found, standing]) => ({ code, found, standing }));
  fc.assert(
    fc.property(fc.subarray(parts, { minLength: 1 }), (chosen) => {
      const found = Object.assign({}, ...chosen.map((part) => part.found)) as Partial<MainCommit>;
      const standing = Object.assign({}, ...chosen.map((part) => part.standing)) as Partial<MainStanding>;
      const judgement = judge(found, standing);
      assert.equal(judgement.accepted, false);
      const last = chosen.at(-1)!;
      // The last one written cannot have been painted over by another; only a signature may hide behind another.
      const hidden = 'signature' in found || 'signer' in standing;
      if (!hidden) assert.ok(refusals(judgement).includes(last.code as never));
    }),
  );
});

test('the order of the checks does not depend on what passes', () => {
  const codes = (judgement: ReturnType<typeof judge>) => judgement.checks.map(({ code }) => code);
  const whole = codes(judge());
  const rewound = { rewound: { from: objectId('e'), to: undefined, at: judgedAt } };
  assert.deepEqual(codes(judge({}, rewound)), whole);
  assert.deepEqual(codes(judge({}, { firstParentVerified: false, replayOf: objectId('8') })), whole);
});
