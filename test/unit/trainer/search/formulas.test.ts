import { describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/src/index.js';
import { chooseMove, improvedPolicy } from '../../../../trainer/src/search/improved-policy.js';
import { searchOptions } from '../../../../trainer/src/search/options.js';
import { edgeValue, explorationRate, puctScore, selectEdge } from '../../../../trainer/src/search/puct.js';
import { mergeSamples, NodeKind, SearchTree } from '../../../../trainer/src/search/tree.js';

const rules = { size: { n: 1, m: 1, p: 2 }, arithmetic: 'standard' as const, values: [-1, 0, 1], moveLimit: 4 };
const move = (...entries: number[]): Int8Array => Int8Array.from(entries);

describe('merged samples', () => {
  it('have priors count / K that sum to 1', () => {
    const [a, b, c] = [move(1, 1, 0, 1, 0), move(1, 0, 1, 0, 1), move(1, 1, 1, 1, 0)];
    const merged = mergeSamples([b, a, b, c, b, a.slice(), c, b]);
    expect(merged.map(({ action }) => action)).toEqual([b, a, c]);
    expect(merged.map(({ prior }) => prior)).toEqual([0.5, 0.25, 0.25]);
    expect(merged.reduce((sum, { prior }) => sum + prior, 0)).toBe(1);
  });
});

describe('PUCT', () => {
  it('has the rate c1 + log((1 + c2 + N) / c2)', () => {
    expect(explorationRate(0, 1.25, 19652)).toBeCloseTo(1.25 + Math.log(19653 / 19652), 14);
    expect(explorationRate(100, 1.25, 99)).toBeCloseTo(1.25 + Math.log(200 / 99), 14);
  });

  it('adds rate * prior * sqrt(N) / (1 + n) to the value', () => {
    expect(puctScore(0.25, 0.5, 3, 16, 2)).toBe(0.25 + (2 * 0.5 * 4) / 4);
  });

  it('follows the higher value when the counts agree, and the higher prior when the values agree', () => {
    const tree = new SearchTree(rules);
    const root = tree.addNode(move(1, 0, 0, 1), 4);
    tree.setValue(root, -2);
    tree.setActions(root, [
      { action: move(1, 1, 1, 1, 0), prior: 0.25 },
      { action: move(1, 1, 0, 1, 0), prior: 0.5 },
      { action: move(1, 1, 0, 0, 1), prior: 0.25 },
    ]);
    const options = searchOptions();
    expect(selectEdge(tree, root, options)).toBe(1);
    for (const [edge, value] of [
      [0, -3],
      [1, -5],
      [2, -2],
    ]) {
      tree.backUp([root], [edge], value);
    }
    expect([...tree.edgeReturns.subarray(0, 3)]).toEqual([-4, -6, -3]);
    expect(tree.meanOf(root)).toBe((-2 - 4 - 6 - 3) / 4);
    expect(selectEdge(tree, root, options)).toBe(2);
  });
});

describe('the value of an edge', () => {
  it('is its mean return; before a visit that of a known end, the move itself included, else what is given', () => {
    const tree = new SearchTree(rules);
    const root = tree.addNode(move(1, 0, 0, 0), 4);
    tree.setValue(root, -2);
    tree.setActions(root, [
      { action: move(1, 1, 0, 1, 0), prior: 0.5 },
      { action: move(1, 1, 0, 0, 1), prior: 0.25 },
      { action: move(1, 0, 1, 1, 0), prior: 0.25 },
    ]);
    expect([0, 1, 2].map((edge) => tree.solves(root, edge))).toEqual([true, false, false]);
    tree.child[0] = tree.addNode(move(0, 0, 0, 0), 3);
    tree.close(tree.child[0], NodeKind.Solved, -0.25);
    tree.backUp([root], [1], -3);
    tree.backUp([root], [1], -4);
    expect([0, 1, 2].map((edge) => edgeValue(tree, edge, -9))).toEqual([-1.25, -4.5, -9]);
  });
});

describe('the improved policy', () => {
  it('is the share of the visits up to N-bar', () => {
    expect([...improvedPolicy([6, 3, 0, 1], 100)]).toEqual([0.6, 0.3, 0, 0.1].map((x) => expect.closeTo(x, 14)));
    expect([...improvedPolicy([60, 40], 100)]).toEqual([0.6, 0.4].map((x) => expect.closeTo(x, 14)));
  });

  it('is flattened by tau = log N / log N-bar beyond', () => {
    // N = 10000 = 100^2, so tau = 2 and the weights are the square roots 90 : sqrt(1900).
    const weights = [90, Math.sqrt(1900), 0];
    const sum = weights[0] + weights[1];
    expect([...improvedPolicy([8100, 1900, 0], 100)]).toEqual(weights.map((x) => expect.closeTo(x / sum, 12)));
  });
});

describe('the move', () => {
  it('is never one that is valued below the most visited one, and else follows the improved policy', () => {
    const visits = [50, 30, 20, 0];
    const values = [-5, -6, -4, Number.NEGATIVE_INFINITY];
    const policy = improvedPolicy(visits, 100);
    const random = new Random(5);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 7000; i++) counts[chooseMove(visits, values, policy, random)]++;
    expect(counts[1]).toBe(0);
    expect(counts[3]).toBe(0);
    expect(counts[0] / 7000).toBeCloseTo(5 / 7, 1);
  });
});

describe('the options', () => {
  it('are those of the article and are checked', () => {
    expect(searchOptions()).toMatchObject({ simulations: 800, samples: 32, c1: 1.25, c2: 19652, horizon: 5 });
    for (const wrong of [{ simulations: 0 }, { samples: 1.5 }, { policyVisits: 1 }, { horizon: Number.NaN }]) {
      expect(() => searchOptions(wrong)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field: Object.keys(wrong)[0] } }),
      );
    }
  });
});
