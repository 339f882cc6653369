import type { Bench } from '../bench.js';
import { again } from './again.js';
import { experiment } from './experiment.js';
import { nonzeros } from './nonzeros.js';

const PARTS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { again, nonzeros };

export const bench: Bench = {
  summary: 'what the latency in the reward is worth; with again or nonzeros, parts of that',
  help: `What the latency in the reward is worth: fine-tuning of <2,2,2> from the kept checkpoint with lambda 0 (without) and with lambda > 0
(with), the same learner steps and games, several seeds, and the latency of what the games came to. A third arm, control, has
lambda 0 and the replay of lambda > 0, which shows the best factorizations as they are and no denser images of them.

On the synthetic device t / t_baseline = 0.2 + 0.02 nonzeros, whose minimum over all algorithms of rank 7 with entries -1, 0, 1 is
enumerated; ends with status 1 where a run with lambda > 0 does not find it. The real device is at-agent here, c-gcc, f32, one thread.

  --device NAME      synthetic or real (synthetic)
  --seeds N,N,...    (1,2,3)
  --lambda X         (7)
  --steps N          of the learner (200)
  --at-once N        runs (1)
  --variant NAME     packed or temporaries (packed)
  --problem N        (1024)
  --levels N         (1)
  --tf-backend NAME  (wasm)
  --save FILE        keeps what the games of the second half ended with, for again
  --json             one object instead of lines

again FILE...: what the arms came to, measured again in one session: every algorithm that a game of the second half ended with, once
for all arms, in random order, so that neither the reward's noise nor when a run took place is in the comparison.

  --seconds S        of each measurement (1)
  --rounds N         (2)
  --json

nonzeros: how much the time of an algorithm depends on its nonzeros on a real device: algorithms of <2,2,2> with rank 7, some of each
number of nonzeros that images of Strassen's under bases with entries -1, 0, 1 have, in random order on at-agent here.

  --variant NAME     packed or temporaries (packed)
  --problem N        (512)
  --dtype TYPE       (f32)
  --levels N         (1)
  --each N           algorithms of each number of nonzeros (4)
  --seconds S        of each measurement (1)
  --rounds N         (1)
  --seed N           (1)
  --json
`,
  run([part = '', ...args]) {
    return Object.hasOwn(PARTS, part) ? PARTS[part](args) : experiment(part === '' ? [] : [part, ...args]);
  },
};
