import type { PlanRequest, ProgramCost } from '@alphatensor-edge/proto';
import { AlphaTensorError, contentHash, strassen, winograd } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { openPool } from '../../../../trainer/src/fleet/agent-pool.js';
import { ProgramDescriptions } from '../../../../trainer/src/fleet/program-descriptions.js';
import { FakeAgent } from '../../../support/fake-agent.js';
import { costOf } from '../../../support/program-cost.js';

const PROBLEM = { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 } as const;
const hash = contentHash(strassen());

async function asking(planner: FakeAgent['planner'], pauseMs = 1) {
  const agent = new FakeAgent();
  agent.planner = planner;
  const pool = await openPool([{ name: 'laptop', client: agent }]);
  const messages: string[] = [];
  const descriptions = new ProgramDescriptions({
    ...{ pool, problems: [PROBLEM], depth: 1, pauseMs },
    campaign: { backend: 'c-gcc' },
    onMessage: (message) => messages.push(message),
  });
  return { descriptions, messages, device: pool.devices[0] };
}

const answering = (change: (cost: ProgramCost) => ProgramCost) => async (request: PlanRequest) => ({
  costs: request.factorizations.map((factorization) => change(costOf(factorization, PROBLEM))),
});

describe('descriptions of programs', () => {
  it('are asked for once, in batches, and kept by content', async () => {
    const asked: number[] = [];
    const { descriptions, device } = await asking(async (request) => {
      asked.push(request.factorizations.length);
      return answering((cost) => cost)(request);
    });
    const arrived: string[] = [];
    descriptions.onArrival = (hashes) => arrived.push(...hashes);
    descriptions.want(hash, strassen());
    descriptions.want(contentHash(winograd()), winograd());
    await descriptions.settle();
    descriptions.want(hash, strassen());
    await descriptions.settle();
    expect(asked.reduce((sum, count) => sum + count)).toBe(2);
    expect(arrived).toContain(hash);
    expect(descriptions.of(hash, 0, device)).toMatchObject({ ok: true });
    expect(descriptions.count).toBe(2);
  });

  it('of an older agent are done without, which is said once', async () => {
    const { descriptions, messages } = await asking(async () => {
      throw new AlphaTensorError('INCOMPATIBLE_VERSION', 'It does not know the call.');
    });
    descriptions.want(hash, strassen());
    await descriptions.settle();
    descriptions.want(hash, strassen());
    await descriptions.settle();
    expect(messages).toEqual([
      'The agent laptop does not say what programs do, as it is older; times on laptop are estimated from the coefficients of an algorithm alone.',
    ]);
    expect(descriptions.isOpen).toBe(false);
  });

  it.each<[string, (cost: ProgramCost) => ProgramCost]>([
    ['fewer products', (cost) => ({ ...cost, products: 6 })],
    ['fewer multiply-adds', (cost) => ({ ...cost, multiplyAdds: cost.multiplyAdds / 2 })],
    ['far more multiply-adds', (cost) => ({ ...cost, multiplyAdds: 1e15 })],
    ['fewer additions than sums', (cost) => ({ ...cost, a: { ...cost.a!, additions: 0 } })],
    ['more additions than summands', (cost) => ({ ...cost, c: { ...cost.c!, additions: 1e12 } })],
    ['bytes that are no number', (cost) => ({ ...cost, b: { ...cost.b!, bytes: Number.NaN } })],
    ['a missing pass', (cost) => ({ ...cost, b: null })],
    ['a negative workspace', (cost) => ({ ...cost, workspaceBytes: -1 })],
  ])('with %s are not believed, and nothing of that agent is used', async (_, change) => {
    const { descriptions, messages, device } = await asking(answering(change));
    descriptions.want(hash, strassen());
    await descriptions.settle();
    expect(descriptions.of(hash, 0, device)).toBeUndefined();
    expect(descriptions.isOpen).toBe(false);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('is not believed');
  });

  it('of more programs than were asked for are not believed', async () => {
    const { descriptions, messages } = await asking(async (request) => {
      const { costs } = await answering((cost) => cost)(request);
      return { costs: [...costs, ...costs] };
    });
    descriptions.want(hash, strassen());
    await descriptions.settle();
    expect(messages[0]).toContain('is not believed');
  });

  it('are asked for again where an agent was lost for a while', async () => {
    let calls = 0;
    const { descriptions, messages, device } = await asking(async (request) => {
      if (++calls === 1) throw new AlphaTensorError('UNAVAILABLE', 'It went away.');
      return calls === 2 ? { costs: [] } : answering((cost) => cost)(request);
    });
    descriptions.want(hash, strassen());
    await descriptions.settle();
    expect(calls).toBe(3);
    expect(messages).toHaveLength(1);
    expect(descriptions.of(hash, 0, device)).toMatchObject({ ok: true });
  });
});
