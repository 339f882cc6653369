import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Model } from './model.js';

/** Makes the error of names that need a size. */
export function missingSizes(names: readonly string[]): AlphaTensorError {
  const options = names.map((name) => `--dim ${quoted(`${name}=SIZE`)}`).join(' ');
  const what = names.length === 1 ? 'a dimension' : `${names.length} dimensions`;
  return refusal(`The model has ${what} without a size; add ${options}.`);
}

/** Makes the error of sizes for names that the model does not have. */
export function unusedSizes(unused: readonly string[], model: Model): AlphaTensorError {
  const names = declaredNames(model);
  const has = names.length === 0 ? 'all of its dimensions are fixed' : `it has ${names.slice(0, 12).join(', ')}`;
  return refusal(`The model has no dimension named ${unused.join(', ')}; ${has}.`);
}

/** Quotes what a shell would change. */
function quoted(text: string): string {
  return /^[\w=.:/+-]+$/.test(text) ? text : `'${text}'`;
}

/** Lists the names of the inputs' dimensions. */
function declaredNames({ graph }: Model): string[] {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  return [
    ...new Set(
      inputs.flatMap(({ name, dims }) =>
        (dims ?? []).flatMap((dim, axis) => (typeof dim === 'string' ? [dim] : dim ? [] : [`${name}[${axis}]`])),
      ),
    ),
  ];
}

function refusal(message: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', message, { field: '--dim' });
}
