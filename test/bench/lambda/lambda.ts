import type { Bench } from '../bench.js';
import { again } from './again.js';
import { experiment } from './experiment.js';
import { nonzeros } from './nonzeros.js';

const PARTS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { again, nonzeros };

export const bench: Bench = {
  summary: 'what the latency in the reward is worth; with again or nonzeros, parts of that',
  help: `What the latency in the reward is worth: fine-tuning with lambda 0 (without) and with lambda > 0 (with), the same learner steps and
games, several seeds, and the latency of what the games came to. A third arm, control, has lambda 0 and the replay of lambda > 0. <2,2,2>
begins with the kept checkpoint, other sizes with a network that first learns from demonstrations.

On the synthetic device t / t_baseline = 0.2 + 0.02 nonzeros, whose minimum over all algorithms of <2,2,2> with rank 7 and entries -1, 0, 1 is
enumerated; ends with status 1 where a run with lambda > 0 does not find it. For <3,3,3> it is 0.2 + 0.00465 nonzeros. The real device is at-agent here, f32, one thread.

  --device NAME      synthetic or real (synthetic)
  --base X           the constant part of the synthetic device's t / t_baseline (0.2)
  --size N,M,P       (2,2,2)
  --seeds N,N,...    (1,2,3)
  --lambda X         (7 for <2,2,2>, else the best known rank)
  --steps N          of the learner (200)
  --at-once N        runs (1)
  --backend NAME     the compiler of the real device; skips with the reason where it is missing (c-gcc)
  --variant NAME     packed or temporaries (the backend's own)
  --problem N        (1024)
  --levels N         (1)
  --replay NAME      what the replay of lambda > 0 shows: priced, images under symmetries with an estimated reward of their own; signs,
                     changes of sign and cyclic steps with the reward of the original, as it was before; or all, what lambda 0 shows, which
                     leaves no third arm (all with --checkpoint, else priced)
  --demonstrations NAME,...
                     algorithms to begin with: files, or names of the catalogue (<3,3,3>: Laderman's; <4,4,4>: Strassen's and Winograd's
                     composed with themselves)
  --checkpoint DIR   the network that all arms begin with: a checkpoint in the folder of a training with --flip-demonstrations; what its walks
                     show at the end are then the demonstrations
  --start-steps N    of the network that a size without a checkpoint begins with (400)
  --local-moves      a third arm, moves: lambda > 0, and local moves around the fastest algorithm are measured too (finetune --local-moves)
  --inside-games N   further games in each round that begin inside one of the best algorithms (24 for a network
                     that is made here, else 0)
  --arms NAME,...    only these of without, with, control and moves (all that the other options leave)
  --simulations N    of the tree search for each move (those of the network that all arms begin with)
  --tf-backend NAME  (wasm)
  --save FILE        keeps each run as it ends, and FILE.start; the same command again goes on with the runs that are missing
  --again            afterwards measures the fastest algorithms of each run and the demonstrations again in one session
  --seconds S        of each measurement of --again (1)
  --rounds N         of --again (2)
  --json             one object instead of lines

again FILE...: what the arms came to, measured again in one session: every algorithm that a game of the second half ended with, or the
fastest of each run, and the demonstrations, once for all arms, in random order, so that neither the reward's noise nor when a run took
place is in the comparison.

  --what NAME        late, what late games ended with, or winners, the fastest three of each run (late)
  --seconds S        of each measurement (1)
  --rounds N         (2)
  --json

nonzeros: how much the time of an algorithm depends on its nonzeros on a real device, and so what a search for faster ones could gain
there: algorithms of <2,2,2> with rank 7, some of each number of nonzeros that images of Strassen's under bases with entries -1, 0, 1 have; or
of <3,3,3> with rank 23, or <4,4,4> with 49, from the sparsest known here to half as many nonzeros more. In random order on at-agent here.

  --size N,M,P       (2,2,2)
  --backend NAME     (c-gcc)
  --variant NAME     packed or temporaries (the backend's own)
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
