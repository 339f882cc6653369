import { embed, feedForward, integerPlanes, selfAttention } from './layers.js';
import type { Operations } from './operations.js';

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
type Grids<T> = [T, T, T];

/**
 * Runs the torso of Fawzi et al. (Nature 610, 2022, Methods and Supplementary algorithms A.3–A.5). It sees the stack of tensors as
 * three grids; a cell of grid (x,y) holds the fibre along the third mode. Attentive modes mix the grids: each two grids share a mode,
 * and for each index of that mode the row of one and the column of the other attend to each other.
 *
 * @param tensors [batch, planes, u, v, w], integers
 * @param scalars [batch, features], seen by every cell
 */
export function torso<T>(o: Operations<T>, config: TorsoConfig, tensors: T, scalars: T): Grids<T> {
  let grids = ([0, 1, 2] as const).map((first) => embedGrid(o, config, tensors, scalars, first)) as Grids<T>;
  for (let block = 0; block < config.blocks; block++) grids = attentiveModes(o, `torso/${block}`, config, grids);
  return grids;
}

function embedGrid<T>(o: Operations<T>, { channels }: TorsoConfig, tensors: T, scalars: T, first: 0 | 1 | 2): T {
  const [second, third] = [(first + 1) % 3, (first + 2) % 3];
  const cells = o.transpose(tensors, [0, 2 + first, 2 + second, 2 + third, 1]);
  const [, rows, columns, length, planes] = o.shapeOf(cells);
  const fibres = integerPlanes(o, o.reshape(cells, [-1, rows * columns, length * planes]));
  const embedded = embed(o, `torso/embed/${first}/fibre`, fibres, channels);
  const place = o.weight(`torso/embed/${first}/place`, [rows * columns, channels], { deviation: 0.3 });
  const shared = o.reshape(embed(o, `torso/embed/${first}/scalars`, scalars, channels), [-1, 1, channels]);
  return o.reshape(o.add(o.add(embedded, place), shared), [-1, rows, columns, channels]);
}

/** Mixes the three pairs of grids once. Grid g has the modes (g, g+1). It shares mode g+1 with grid g+1, where that mode comes first. */
function attentiveModes<T>(o: Operations<T>, name: string, config: TorsoConfig, grids: Grids<T>): Grids<T> {
  const next: Grids<T> = [...grids];
  for (const left of [0, 1, 2] as const) {
    const right = (left + 1) % 3;
    const [, others, shared, channels] = o.shapeOf(next[left]);
    const following = o.shapeOf(next[right])[2];
    const columns = o.transpose(next[left], [0, 2, 1, 3]);
    let tokens = o.reshape(o.concat([columns, next[right]], 2), [-1, others + following, channels]);
    tokens = selfAttention(o, `${name}/${left}/attention`, tokens, config.heads);
    tokens = feedForward(o, `${name}/${left}/feedForward`, tokens, config.widening * channels);
    const mixed = o.reshape(tokens, [-1, shared, others + following, channels]);
    const [newColumns, newRows] = o.split(mixed, [others, following], 2);
    next[left] = o.transpose(newColumns, [0, 2, 1, 3]);
    next[right] = newRows;
  }
  return next;
}

/** Puts all cells of the three grids into one list, [batch, cells, channels]. */
export function gridCells<T>(o: Operations<T>, grids: Grids<T>): T {
  const lists = grids.map((grid) => {
    const [, rows, columns, channels] = o.shapeOf(grid);
    return o.reshape(grid, [-1, rows * columns, channels]);
  });
  return o.concat(lists, 1);
}
