import * as tf from '@tensorflow/tfjs';
import { embed, feedForward, selfAttention } from './layers.js';
import { integerPlanes } from './ops.js';
import type { Parameters } from './parameters.js';

/** Sets the shape of the torso. */
export interface TorsoConfig {
  /** Number of channels of a grid cell. */
  readonly channels: number;
  readonly blocks: number;
  readonly heads: number;
  /** Hidden width of the feed-forward layers over `channels`. */
  readonly widening: number;
}

/** Holds the three grids, of the modes (u,v), (v,w) and (w,u). Grid (x,y) is [batch, length x, length y, channels]. */
type Grids = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/**
 * Runs the torso of Fawzi et al. (Nature 610, 2022, Methods and Supplementary algorithms A.3–A.5). It sees the stack of tensors as
 * three grids; a cell of grid (x,y) holds the fibre along the third mode. Attentive modes mix the grids: each two grids share a mode,
 * and for each index of that mode the row of one and the column of the other attend to each other.
 *
 * @param tensors [batch, planes, u, v, w], integers
 * @param scalars [batch, features], seen by every cell
 */
export function torso(p: Parameters, config: TorsoConfig, tensors: tf.Tensor5D, scalars: tf.Tensor2D): Grids {
  let grids = ([0, 1, 2] as const).map((first) => embedGrid(p, config, tensors, scalars, first)) as Grids;
  for (let block = 0; block < config.blocks; block++) grids = attentiveModes(p, `torso/${block}`, config, grids);
  return grids;
}

function embedGrid(
  p: Parameters,
  { channels }: TorsoConfig,
  tensors: tf.Tensor5D,
  scalars: tf.Tensor2D,
  first: 0 | 1 | 2,
): tf.Tensor4D {
  const [batch] = tensors.shape;
  const [second, third] = [(first + 1) % 3, (first + 2) % 3];
  const cells = tf.transpose(tensors, [0, 2 + first, 2 + second, 2 + third, 1]);
  const [, rows, columns] = cells.shape;
  const fibres = integerPlanes(tf.reshape(cells, [batch, rows * columns, -1]));
  const embedded = embed(p, `torso/embed/${first}/fibre`, fibres, channels);
  const place = p.get(`torso/embed/${first}/place`, [rows * columns, channels], { deviation: 0.3 });
  const shared = tf.expandDims(embed(p, `torso/embed/${first}/scalars`, scalars, channels), 1);
  return tf.reshape(tf.add(tf.add(embedded, place), shared), [batch, rows, columns, channels]);
}

/** Mixes the three pairs of grids once. Grid g has the modes (g, g+1). It shares mode g+1 with grid g+1, where that mode comes first. */
function attentiveModes(p: Parameters, name: string, config: TorsoConfig, grids: Grids): Grids {
  const next: Grids = [...grids];
  for (const left of [0, 1, 2] as const) {
    const right = (left + 1) % 3;
    const [batch, others, shared, channels] = next[left].shape;
    const following = next[right].shape[2];
    const columns = tf.transpose(next[left], [0, 2, 1, 3]);
    let tokens: tf.Tensor = tf.reshape(tf.concat([columns, next[right]], 2), [
      batch * shared,
      others + following,
      channels,
    ]);
    tokens = selfAttention(p, `${name}/${left}/attention`, tokens, config.heads);
    tokens = feedForward(p, `${name}/${left}/feedForward`, tokens, config.widening * channels);
    const [newColumns, newRows] = tf.split(
      tf.reshape(tokens, [batch, shared, others + following, channels]),
      [others, following],
      2,
    );
    next[left] = tf.transpose(newColumns, [0, 2, 1, 3]) as tf.Tensor4D;
    next[right] = newRows as tf.Tensor4D;
  }
  return next;
}

/** Puts all cells of the three grids into one list, [batch, cells, channels]. */
export function gridCells(grids: Grids): tf.Tensor3D {
  return tf.concat(
    grids.map((grid) => tf.reshape(grid, [grid.shape[0], -1, grid.shape[3]])),
    1,
  ) as tf.Tensor3D;
}
