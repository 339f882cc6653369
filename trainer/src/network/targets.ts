import type { Action } from '../game/action.js';
import { type Observed, writeContext } from '../game/observation.js';
import { encodeTokens, maskRow } from '../game/tokens.js';
import type { NetworkLayout } from './layout.js';

/** Holds actions as the policy reads and writes them; each list is [actions, move length]. */
interface SpelledActions {
  readonly tokens: Int32Array;
  /** The token before each; `vocabulary` stands for the start. */
  readonly previous: Int32Array;
  /** The row of the mask table that holds for each token. */
  readonly masks: Int32Array;
}

/** Spells actions as tokens. */
export function spellActions(
  { tokens: layout, masks: table }: NetworkLayout,
  actions: readonly Action[],
): SpelledActions {
  const { length, vocabulary } = layout;
  const [tokens, previous, masks] = Array.from({ length: 3 }, () => new Int32Array(actions.length * length));
  actions.forEach((action, row) => {
    const spelled = encodeTokens(action, layout, tokens.subarray(row * length, (row + 1) * length));
    for (let position = 0; position < length; position++) {
      previous[row * length + position] = position === 0 ? vocabulary : spelled[position - 1];
      masks[row * length + position] = maskRow(action, position, layout, table);
    }
  });
  return { tokens, previous, masks };
}

/** Makes the contexts of `time` tokens from `first` on, [actions, time, context]. Each position has the same number of actions. */
export function contextsOf(
  { tokens, contextLength }: NetworkLayout,
  positions: readonly Pick<Observed, 'residual'>[],
  actions: readonly Action[],
  first: number,
  time: number,
): Float32Array {
  const perPosition = actions.length / positions.length;
  const values = new Float32Array(actions.length * time * contextLength);
  actions.forEach((action, row) => {
    const { residual } = positions[Math.floor(row / perPosition)];
    for (let t = 0; t < time; t++) {
      writeContext(residual, action, first + t, tokens, values, (row * time + t) * contextLength);
    }
  });
  return values;
}
