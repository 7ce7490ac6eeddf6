import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ancestors, descendants, findCycles, formatCycle, predecessors, promotionOrder, successors } from './graph.ts';
import type { Node } from './graph.ts';

function node(name: string, ...after: string[]): Node {
  return { name, after: { environments: after } };
}

function names(nodes: readonly Node[]): string[] {
  return nodes.map(({ name }) => name);
}

/** A graph without cycles, written in a random order: edges only run from lower to higher numbers. */
const acyclic = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.tuple(
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
      fc.shuffledSubarray(
        Array.from({ length: size }, (_, index) => index),
        { minLength: size, maxLength: size },
      ),
    ),
  )
  .map(([edges, order]) =>
    order.map((index) =>
      node(
        `e${index}`,
        ...new Set(edges.filter(([from, to]) => from < to && to === index).map(([from]) => `e${from}`)),
      ),
    ),
  );

const anyGraph = fc
  .integer({ min: 1, max: 8 })
  .chain((size) => fc.array(fc.uniqueArray(fc.nat(size - 1)), { minLength: size, maxLength: size }))
  .map((lists) => lists.map((after, index) => node(`e${index}`, ...after.map((before) => `e${before}`))));

test('R1: every environment stands behind all those it is after, and none is lost', () => {
  fc.assert(
    fc.property(acyclic, (graph) => {
      const ordered = names(promotionOrder(graph));
      assert.deepEqual([...ordered].sort(), names(graph).sort());
      for (const { name, after } of graph) {
        for (const before of after.environments)
          assert.ok(ordered.indexOf(before) < ordered.indexOf(name), `${before} before ${name}`);
      }
    }),
  );
});

test('an order that already holds is left as it is written', () => {
  fc.assert(
    fc.property(acyclic, (graph) => {
      const once = promotionOrder(graph);
      assert.deepEqual(promotionOrder(once), once);
    }),
  );
});

test('environments that do not depend on each other keep the order of the file', () => {
  assert.deepEqual(names(promotionOrder([node('z', 'c'), node('b'), node('a'), node('c', 'a')])), ['b', 'a', 'c', 'z']);
});

test('a graph has a cycle exactly when it has no promotion order', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      if (findCycles(graph).length === 0) assert.equal(promotionOrder(graph).length, graph.length);
      else assert.throws(() => promotionOrder(graph), RangeError);
    }),
  );
});

test('every cycle told is one: each environment in it is after the one before it', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      for (const cycle of findCycles(graph)) {
        assert.equal(cycle[0], cycle.at(-1));
        assert.equal(new Set(cycle).size, cycle.length - 1);
        for (let index = 1; index < cycle.length; index++) {
          const here = graph.find(({ name }) => name === cycle[index]);
          assert.ok(here?.after.environments.includes(cycle[index - 1] ?? ''), formatCycle(cycle));
        }
      }
    }),
  );
});

test('no environment stands in two of the cycles told', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const told = findCycles(graph).flatMap((cycle) => cycle.slice(1));
      assert.equal(new Set(told).size, told.length);
    }),
  );
});

test('a cycle is told from its first environment, in promotion order', () => {
  const cycles = findCycles([node('a', 'c'), node('b', 'a'), node('c', 'b'), node('d', 'c'), node('x', 'x')]);
  assert.deepEqual(cycles.map(formatCycle), ['a -> b -> c -> a', 'x -> x']);
});

test('ancestors and descendants are the same relation seen from two ends', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      for (const { name } of graph) {
        for (const other of ancestors(graph, name)) assert.ok(descendants(graph, other).has(name));
        for (const other of descendants(graph, name)) assert.ok(ancestors(graph, other).has(name));
      }
    }),
  );
});

test('neighbours are those named, in the order named, and names that nobody has are left out', () => {
  const graph = [node('a'), node('b'), node('c', 'b', 'nobody', 'a'), node('d', 'a')];
  assert.deepEqual(names(predecessors(graph, 'c')), ['b', 'a']);
  assert.deepEqual(names(successors(graph, 'a')), ['c', 'd']);
  assert.deepEqual(predecessors(graph, 'nobody'), []);
  assert.deepEqual([...ancestors(graph, 'd')], ['a']);
});

test('a hundred environments in one chain written backwards are put in order', () => {
  const chain = Array.from({ length: 100 }, (_, index) =>
    index === 0 ? node('e0') : node(`e${index}`, `e${index - 1}`),
  );
  assert.deepEqual(names(promotionOrder([...chain].reverse())), names(chain));
});
