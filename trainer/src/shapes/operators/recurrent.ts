import type { Call, Operator } from '../call.js';
import { type Dimension, product } from '../value.js';

/**
 * Recurrent layers: X [steps, batch, input], W [directions, gates * hidden, input], R [directions, gates * hidden, hidden]. The products
 * with W are made for all steps at once, those with R one after the other.
 */
function recurrent(hasCell: boolean): Operator {
  return (call) => {
    const isBatchFirst = call.int('layout', 0) === 1;
    const [first, second, input] = call.dims(0) ?? [];
    const [steps, batch] = isBatchFirst ? [second, first] : [first, second];
    const [directions, gates, width] = call.dims(1) ?? [];
    const hidden = call.attribute('hidden_size') ? call.int('hidden_size', 0) : call.dims(2)?.[2];
    call.product(
      { m: product([steps, batch]), k: input ?? width, n: gates, count: directions },
      call.inputs.slice(0, 2),
      'input',
    );
    call.product(
      { m: batch, k: hidden, n: gates, count: product([steps, directions]) },
      [call.inputs[0], call.inputs[2]],
      'recurrence',
    );
    const type = call.inputs[0]?.type;
    const state = (): ReturnType<Call['value']> =>
      call.value(type, isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
    const all: Dimension[] = isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
    return [call.value(type, all), state(), ...(hasCell ? [state()] : [])];
  };
}

export const RECURRENT: Record<string, Operator> = {
  RNN: recurrent(false),
  GRU: recurrent(false),
  LSTM: recurrent(true),
};
