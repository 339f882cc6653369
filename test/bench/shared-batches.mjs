/**
 * Runs searches side by side, each with an evaluator of its own; what all of them wait for goes to the network together.
 * @param work (evaluator, index) => promise of the result of one search
 */
export async function sharedBatches(inner, count, work) {
  let running = count;
  let waiting = [];
  const flush = async () => {
    if (waiting.length < running || waiting.length === 0) return;
    const requests = waiting;
    waiting = [];
    try {
      const answers = await answerAll(inner, requests);
      requests.forEach(({ resolve }, index) => {
        resolve(answers[index]);
      });
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  };
  const evaluator = (positions, samples) =>
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
async function answerAll(inner, requests) {
  const answers = requests.map(() => undefined);
  for (const samples of new Set(requests.map((request) => request.samples))) {
    const indices = [...requests.keys()].filter((index) => requests[index].samples === samples);
    const all = await inner(
      indices.flatMap((index) => requests[index].positions),
      samples,
    );
    let next = 0;
    for (const index of indices) {
      const { length } = requests[index].positions;
      answers[index] = all.slice(next, next + length);
      next += length;
    }
  }
  return answers;
}
