import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Side } from '../../../ports/traffic.ts';
import { byPosition, forgetOtherShares, inForceName, writeShares } from './shares.ts';

const sideAt = (name: string, weight: number, ports: readonly number[]): Side => ({
  name,
  weight,
  instances: ports.map((port) => ({ host: '127.0.0.1', port })),
});
const keptOf = (sides: readonly Side[], seats = {}) => ({
  route: {
    environment: 'env_1' as EnvironmentId,
    by: 'caddy' as const,
    listen: { host: '127.0.0.1', port: 80 },
    sides,
  },
  seats,
});

function inDirectory(act: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'liftlock shares '));
  try {
    act(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('what is in force says where all requests go, or that there is more to be looked up', () =>
  inDirectory((directory) => {
    const seats = { one: 1, two: 2 };
    const said = (kept: ReturnType<typeof keptOf>): string => {
      writeShares(directory, kept);
      const [name, ...others] = readdirSync(join(directory, inForceName(kept)));
      assert.deepEqual(others, []);
      const [, target, shares] = /^(.*)@([^@]+)$/.exec(name!)!;
      assert.equal(shares, readlinkSync(join(directory, 'shares')));
      return target!;
    };
    const [one, two] = [sideAt('one', 10_000, [1]), sideAt('two', 0, [2])];
    assert.equal(said(keptOf([one, two], seats)), '1@one@127.0.0.1:1');
    assert.equal(
      said(
        keptOf(
          [
            { ...one, weight: 0 },
            { ...two, weight: 10_000 },
          ],
          seats,
        ),
      ),
      '2@two@127.0.0.1:2',
    );
    assert.equal(
      said(
        keptOf(
          [
            { ...one, weight: 5_000 },
            { ...two, weight: 5_000 },
          ],
          seats,
        ),
      ),
      '-@@',
    );
    const second = join(directory, 'shares', byPosition(2));
    assert.ok(readdirSync(second).length > 1, 'it has places');
    assert.deepEqual(readdirSync(join(second, '_at')), ['2@two@127.0.0.1:2']);
    assert.equal(said(keptOf([{ ...one, weight: 0 }], seats)), '-@@');
    assert.equal(said(keptOf([sideAt('one', 10_000, [1, 2])], seats)), '0@one@');
  }));

test('a configuration that names other sides looks elsewhere, until the older one is forgotten', () =>
  inDirectory((directory) => {
    const seated = keptOf([sideAt('one', 10_000, [1])], { one: 1 });
    const named = keptOf([sideAt('one', 0, [1]), sideAt('both', 10_000, [2, 3])], { one: 1 });
    assert.equal(inForceName(seated), inForceName(keptOf([sideAt('two', 10_000, [2])], { two: 2 })));
    writeShares(directory, seated);
    const before = readdirSync(join(directory, inForceName(seated)));
    writeShares(directory, named);
    assert.deepEqual(readdirSync(join(directory, inForceName(seated))), before);
    forgetOtherShares(directory, named);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('in-force')),
      [inForceName(named)],
    );
  }));

test('what was in force some changes ago is forgotten, and never what is', () =>
  inDirectory((directory) => {
    const kept = keptOf([sideAt('one', 10_000, [1])], { one: 1 });
    for (let change = 0; change < 10; change++) {
      writeShares(directory, kept);
      forgetOtherShares(directory, kept);
      const names = readdirSync(directory).filter((name) => name.startsWith('shares-'));
      assert.ok(names.length <= 4 && names.includes(readlinkSync(join(directory, 'shares'))), names.join(' '));
    }
    writeShares(directory, kept);
    assert.ok(readdirSync(join(directory, 'shares', 'one')).length > 1, 'with all of it');
  }));
