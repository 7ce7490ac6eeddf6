/** Hashes of the audit log's tree. Of every eighth level they are stored; the others are computed from those. */
import type { Pool, PoolClient } from 'pg';
import { perfectSubtrees, type Range } from '../../../domain/audit/proof.ts';
import { folded, nodeHash, type NodePlace } from '../../../domain/audit/tree.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { statement } from '../session.ts';
import { hashBytes } from './seal.ts';

export const storedEvery = 8;

/** The root of each range. @throws Failure `audit/inconsistent` when hashes are missing from the database. */
export async function rootsOf(client: Pool | PoolClient, ranges: readonly Range[]): Promise<readonly Uint8Array[]> {
  if (ranges.length === 0) return [];
  const known = await load(client, ranges.flatMap(perfectSubtrees).flatMap(storedBelow));
  return ranges.map((range) =>
    folded(
      hashBytes,
      perfectSubtrees(range).map((place) => rootAt(place, known)),
    )!,
  );
}

/** What is stored of a perfect subtree: all nodes of the highest stored level in it. */
function storedBelow({ level, index }: NodePlace): readonly NodePlace[] {
  const above = level % storedEvery;
  return Array.from({ length: 2 ** above }, (_, place) => ({
    level: level - above,
    index: index * 2 ** above + place,
  }));
}

async function load(client: Pool | PoolClient, places: readonly NodePlace[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const { rows } = await client.query<{ level: number; index: number; hash: Buffer }>(
    statement(loading, [
      places.filter(({ level }) => level === 0).map(({ index }) => index),
      places.filter(({ level }) => level > 0).map(({ level }) => level),
      places.filter(({ level }) => level > 0).map(({ index }) => index),
    ]),
  );
  return new Map(rows.map(({ level, index, hash }) => [keyOf({ level, index }), hash]));
}

const loading = `
  select 0 as level, index, hash from audit_entries where index = any ($1::bigint[])
  union all
  select level, index, hash from audit_nodes join unnest($2::smallint[], $3::bigint[]) as asked (level, index) using (level, index)`;

function rootAt(place: NodePlace, known: ReadonlyMap<string, Uint8Array>): Uint8Array {
  let level = storedBelow(place).map((below) => known.get(keyOf(below)) ?? missing(below));
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, pair) =>
      nodeHash(hashBytes, level[pair * 2]!, level[pair * 2 + 1]!),
    );
  return level[0]!;
}

function missing({ level, index }: NodePlace): never {
  throw new Failure('audit/inconsistent', `the audit log lacks a hash of its tree (level ${level}, ${index})`, {
    hint: 'liftlock audit verify names the first entry that is wrong.',
  });
}

function keyOf({ level, index }: NodePlace): string {
  return `${level}/${index}`;
}
