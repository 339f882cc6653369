import type { Position } from '@alphatensor-edge/trainer/game/state.js';
import type { Evaluation, Evaluator } from '@alphatensor-edge/trainer/search/evaluator.js';

interface Request {
  readonly positions: readonly Position[];
  readonly samples: number;
  readonly resolve: (answer: readonly Evaluation[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs searches side by side, each with an evaluator of its own; what all of them wait for goes to the network together.
 * @param work does one search
 * @returns their results, in order
 */
export async function sharedBatches<Result>(
  inner: Evaluator,
  count: number,
  work: (evaluator: Evaluator, index: number) => Promise<Result>,
): Promise<Result[]> {
  let running = count;
  let waiting: Request[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length < running || waiting.length === 0) return;
    const requests = waiting;
    waiting = [];
    try {
      const answers = await answerAll(inner, requests);
      for (const request of requests) request.resolve(answers.get(request)!);
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  };
  const evaluator: Evaluator = (positions, samples) =>
    new Promise((resolve, reject) => {
      waiting.push({ positions, samples, resolve, reject });
      void flush();
    });
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      work(evaluator, index).finally(() => {
        running--;
        void flush();
      }),
    ),
  );
}

/** One call for each number of samples that is asked for. */
async function answerAll(
  inner: Evaluator,
  requests: readonly Request[],
): Promise<ReadonlyMap<Request, readonly Evaluation[]>> {
  const answers = new Map<Request, readonly Evaluation[]>();
  for (const samples of new Set(requests.map((request) => request.samples))) {
    const alike = requests.filter((request) => request.samples === samples);
    const positions = alike.flatMap((request) => request.positions);
    const all = await inner(positions, samples);
    let next = 0;
    for (const request of alike) {
      const { length } = request.positions;
      answers.set(request, all.slice(next, next + length));
      next += length;
    }
  }
  return answers;
}
