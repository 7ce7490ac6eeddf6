import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  contentWith,
  goodSignature,
  judgedAt,
  objectId,
  platformSigner,
  signerWith,
  tagStandingWith,
  versionTagWith,
} from '../../../test/make/judged.ts';
import { known, refusals, unknown } from './check.ts';
import { judgeVersionTag, type TagStanding, type VersionTag } from './version-tag.ts';

const judge = (found: Partial<VersionTag> = {}, standing: Partial<TagStanding> = {}) =>
  judgeVersionTag(versionTagWith(found), tagStandingWith(standing));

test('a version tag of a release manager on what passed staging is accepted', () => {
  const judgement = judge();
  assert.deepEqual(refusals(judgement), []);
  assert.equal(judgement.basis, 'release-manager-signature');
});

test('trailers may be left out', () => {
  const content = contentWith({ trailers: { projectId: [], artifact: [] } });
  assert.equal(judge({ content }).accepted, true);
});

const rhea = { fingerprint: 'SHA256:rhea' };
const refused: readonly (readonly [string, Partial<VersionTag>, Partial<TagStanding>])[] = [
  ['MAIN_REWOUND', {}, { rewound: { from: objectId('e'), to: objectId('f'), at: judgedAt } }],
  ['TAG_MOVED', {}, { objectsSeen: [objectId('6'), objectId('7')] }],
  ['TAG_LIGHTWEIGHT', { content: { is: 'lightweight' } }, {}],
  ['TAG_NOT_A_COMMIT', { content: { is: 'unreadable', code: 'TAG_TARGET_NOT_COMMIT', because: 'a file' } }, {}],
  ['SIGNATURE_MULTIPLE', { content: { is: 'unreadable', code: 'SIGNATURE_MULTIPLE', because: 'two' } }, {}],
  ['TAG_NAME_MISMATCH', { content: contentWith({ name: 'v1.1.0' }) }, {}],
  [
    'UNSIGNED',
    { content: contentWith({ signature: known({ good: false, code: 'SIGNATURE_MISSING', because: '' }) }) },
    {},
  ],
  ['SIGNER_UNKNOWN', {}, { signer: undefined }],
  [
    'SIGNER_REVOKED',
    {},
    { signer: signerWith(['release-manager'], { ...rhea, revoked: { at: judgedAt, by: 'ada', reason: 'lost' } }) },
  ],
  ['SIGNER_EXPIRED', {}, { signer: signerWith(['release-manager'], { ...rhea, expiresAt: judgedAt }) }],
  ['SIGNER_NOT_RELEASE_MANAGER', {}, { signer: signerWith(['maintainer'], rhea) }],
  [
    'PLATFORM_SIGNATURE',
    { content: contentWith({ signature: goodSignature('SHA256:platform') }) },
    { signer: platformSigner },
  ],
  ['VERSION_NOT_NEWER', {}, { released: ['v1.2.0'] }],
  ['VERSION_NOT_NEWER', {}, { released: ['v0.1.0', 'v10.0.0'] }],
  ['REPLAYED', {}, { replayOf: objectId('8') }],
  ['COMMIT_UNVERIFIED', {}, { commitAccepted: false }],
  ['NOT_PASSED_STAGING', {}, { staging: known({ passed: [], missing: ['staging'] }) }],
  ['NOT_PASSED_STAGING', {}, { staging: known({ passed: ['staging-eu'], missing: ['staging-us'] }) }],
  ['NOT_PASSED_STAGING', {}, { staging: known({ passed: [], missing: [] }) }],
  ['PROJECT_MISMATCH', {}, { project: 'prj_2' }],
  ['ARTIFACT_MISMATCH', {}, { artifact: undefined }],
  ['UNDETERMINED', {}, { staging: unknown('the database did not answer') }],
];

for (const [code, found, standing] of refused) {
  test(`${code}: ${JSON.stringify({ ...found, ...standing }).slice(0, 90)}`, () => {
    const judgement = judge(found, standing);
    assert.deepEqual(refusals(judgement), [code]);
    assert.equal(judgement.accepted, false);
    assert.ok(judgement.checks.every(({ passed, hint }) => passed === (hint === undefined)));
  });
}

test('a trailer given twice must be right both times', () => {
  const digest = `sha256:${'e'.repeat(64)}`;
  const content = contentWith({
    trailers: { projectId: ['prj_1', 'prj_9'], artifact: [digest, `sha256:${'0'.repeat(64)}`] },
  });
  assert.deepEqual(refusals(judge({ content })), ['PROJECT_MISMATCH', 'ARTIFACT_MISMATCH']);
});

test('only three plain numbers make a version', () => {
  const odd = [
    'v1',
    'v1.2',
    'v1.2.3.4',
    'v1.2.3-rc.1',
    'v1.2.3+build',
    '1.2.3',
    'v01.2.3',
    'v1.2.x',
    'V1.2.3',
    'v1.2.3 ',
    'v1.2.3\n',
    'v-1.2.3',
    'v9999999999.0.0',
  ];
  for (const name of odd) {
    const judgement = judge({ ref: `refs/tags/${name}`, content: contentWith({ name }) });
    assert.ok(refusals(judgement).includes('TAG_NAME_NOT_A_VERSION'), JSON.stringify(name));
  }
});

test('a branch named like a version is no version', () => {
  assert.ok(refusals(judge({ ref: 'refs/heads/v1.2.0' })).includes('TAG_NAME_NOT_A_VERSION'));
});

test('a version is accepted exactly when it is newer than all that were released', () => {
  const version = fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12));
  const named = (parts: readonly number[]) => `v${parts.join('.')}`;
  fc.assert(
    fc.property(version, fc.array(version, { maxLength: 5 }), (mine, others) => {
      const name = named(mine);
      const value = ([major, minor, patch]: readonly number[]) => major! * 10_000 + minor! * 100 + patch!;
      const { accepted } = judge(
        { ref: `refs/tags/${name}`, content: contentWith({ name }) },
        { released: others.map(named) },
      );
      assert.equal(
        accepted,
        others.every((other) => value(other) < value(mine)),
      );
    }),
  );
});

test('any mixture of wrong things is refused', () => {
  fc.assert(
    fc.property(fc.subarray([...refused], { minLength: 1 }), (chosen) => {
      const found = Object.assign({}, ...chosen.map(([, part]) => part)) as Partial<VersionTag>;
      const standing = Object.assign({}, ...chosen.map(([, , part]) => part)) as Partial<TagStanding>;
      assert.equal(judge(found, standing).accepted, false);
    }),
  );
});
