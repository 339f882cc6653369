import type { PlanRequest } from '@alphatensor-edge/proto';
import { laderman, standard, strassen, winograd } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { Planner } from '../../../../agent/src/server/planner.js';
import { toPlanQuestion } from '../../../../agent/src/server/request.js';
import { checkedPrograms } from '../../../../trainer/src/fleet/program-cost.js';
import { type PlanTask, planRequest } from '../../../../trainer/src/fleet/request.js';
import { BACKENDS } from '../../../support/agent.js';

const LIMITS = {
  backends: BACKENDS.map((backend) => ({ ...backend, variants: ['packed', 'temporaries'] })),
  maxThreads: 2,
};
const never = new AbortController().signal;
const task = (changes: Partial<PlanTask> = {}): PlanTask => ({
  factorizations: [strassen(), winograd()],
  depth: 1,
  problem: { m: 64, k: 64, n: 64, dtype: 'f32', threads: 1 },
  backend: 'c-gcc',
  variant: 'temporaries',
  ...changes,
});
const plan = (asked: PlanTask, planner = new Planner(() => false)) =>
  planner.answer(toPlanQuestion(planRequest(asked), LIMITS), never);

describe('an answer to a question about programs', () => {
  it('counts additions of temporaries as they are written, and of packed programs with common sums once', async () => {
    const [ofStrassen, ofWinograd] = await plan(task());
    // Strassen's form has 5, 5 and 8 additions of blocks of 32 x 32; Winograd's, without common sums, 7, 7 and 10.
    const counts = (cost: (typeof ofStrassen)[]) =>
      cost.map(({ a, b, c }) => [a, b, c].map((pass) => (pass?.additions ?? 0) / 32 ** 2));
    expect(counts([ofStrassen])).toEqual([[5, 5, 8]]);
    expect(ofStrassen).toMatchObject({ refusal: '', products: 7, multiplyAdds: 7 * 32 ** 3 });
    const packed = await plan(task({ variant: 'packed' }));
    expect(counts([packed[1]])).toEqual([[4, 4, 7]]);
    expect(counts([ofWinograd])[0][0]).toBeGreaterThan(4);
  });

  it('counts bytes: what is read once and every operand that is written', async () => {
    const [{ a }] = await plan(task());
    // Strassen's five sums of A read all four blocks; two products use a block where it lies.
    expect(a).toMatchObject({ bytes: (4 + 5) * 32 ** 2 * 4, valuesAlive: 2 });
  });

  it('counts blocks that are rounded up', async () => {
    const [odd] = await plan(task({ problem: { m: 65, k: 64, n: 64, dtype: 'f32', threads: 1 } }));
    expect(odd.multiplyAdds).toBe(7 * 33 * 32 * 32);
  });

  it.each(['packed', 'temporaries'])(
    'of %s is one that the trainer believes, at one level and two',
    async (variant) => {
      for (const depth of [1, 2]) {
        for (const size of [64, 61]) {
          const problem = { m: size, k: size + 7, n: size + 3, dtype: 'f64', threads: 1 } as const;
          const asked = task({
            variant,
            depth,
            problem,
            factorizations: [strassen(), winograd(), standard({ n: 2, m: 1, p: 3 })],
          });
          const programs = checkedPrograms({ costs: await plan(asked) }, asked);
          expect(programs.map(({ ok }) => ok)).toEqual([true, true, true]);
        }
      }
      const larger = task({ variant, factorizations: [laderman()] });
      expect(checkedPrograms({ costs: await plan(larger) }, larger)).toMatchObject([{ ok: true }]);
    },
  );

  it('refuses what would be too large to compile, in words', async () => {
    const [cost] = await plan(task({ variant: 'packed', depth: 4, factorizations: [strassen()] }));
    expect(cost.refusal).toContain('too much to compile');
  });

  it('waits while a program is timed', async () => {
    let isTiming = true;
    const answer = plan(task(), new Planner(() => isTiming));
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 30, 'waits'))]);
    expect(first).toBe('waits');
    isTiming = false;
    expect(await answer).toHaveLength(2);
  });

  it('is refused for requests that no caller means, with the field', () => {
    const valid = planRequest(task());
    const refused = (changes: Partial<PlanRequest>) => () => toPlanQuestion({ ...valid, ...changes }, LIMITS);
    expect(refused({ factorizations: [] })).toThrow('factorizations');
    expect(refused({ levels: 9 })).toThrow('levels');
    expect(refused({ backend: 'no-such' })).toThrow('no backend');
    expect(refused({ problem: null })).toThrow('problem is missing');
    const [one] = valid.factorizations;
    const wrong = { ...one, w: { denominator: 1, coefficients: one.w!.coefficients.map((x) => -x) } };
    expect(refused({ factorizations: [wrong] })).toThrow('factorizations[0]');
  });
});
