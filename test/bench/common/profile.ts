import { type Profiler, Session } from 'node:inspector/promises';

/** Parts of the work that time is shared out to, by the file a function is in. */
const PARTS: readonly (readonly [Part, RegExp])[] = [
  ['game', /\/trainer\/dist\/game\//],
  ['tree', /\/trainer\/dist\/search\//],
  ['network', /\/trainer\/dist\/network\/|\/@tensorflow\/|\/onnxruntime-|^wasm:/],
];
type Part = 'game' | 'tree' | 'network' | 'garbage' | 'other';

/** Shares of the time, of sum 1. */
export type Shares = Readonly<Record<Part, number>>;

/**
 * Runs `work` under V8's sampling profiler.
 * @returns its result, and the shares of the time by the file a function is in; what is in none of them (the random
 *   numbers, Node itself) counts for its nearest caller that is. The garbage collector is on its own.
 */
export async function profiled<Result>(work: () => Promise<Result>): Promise<{ result: Result; shares: Shares }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1000 });
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { result, shares: sharesOf(profile) };
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partOf = new Map<number, Part>();
  const visit = (id: number, inherited: Part): void => {
    const { callFrame, children = [] } = byId.get(id)!;
    const own = PARTS.find(([, pattern]) => pattern.test(callFrame.url))?.[0];
    const part = callFrame.functionName === '(garbage collector)' ? 'garbage' : (own ?? inherited);
    partOf.set(id, part);
    for (const child of children) visit(child, part);
  };
  visit(nodes[0].id, 'other');
  const times = { game: 0, tree: 0, network: 0, garbage: 0, other: 0 };
  let total = 0;
  samples.forEach((id, index) => {
    if (byId.get(id)!.callFrame.functionName === '(idle)') return;
    times[partOf.get(id)!] += timeDeltas[index];
    total += timeDeltas[index];
  });
  const share = (part: Part): number => times[part] / total;
  return {
    game: share('game'),
    tree: share('tree'),
    network: share('network'),
    garbage: share('garbage'),
    other: share('other'),
  };
}
