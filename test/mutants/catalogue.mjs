/**
 * Classic errors of AlphaTensor re-implementations, each planted by replacing text that its file must hold exactly once.
 *
 * @typedef {object} Mutant
 * @property {string} name what is wrong
 * @property {string} file where, from the repository's root
 * @property {string} find
 * @property {string} replace
 * @property {string} test the file of the law's test, below test/
 * @property {string} title the law's test itself: alone it has to fail
 */

const TOKENS = 'property/trainer/game/tokens.test.ts';
const REWARD = 'property/trainer/game/reward.test.ts';
const BASIS = 'property/trainer/game/basis.test.ts';
const SYMMETRY = 'property/trainer/game/symmetry.test.ts';
const SYNTHETIC = 'property/trainer/game/demonstrations.test.ts';
const SWAPS = 'property/trainer/game/swaps.test.ts';
const GROWN = 'property/trainer/game/grown.test.ts';
const TENSOR = 'property/shared/tensor.test.ts';
const EXACT = 'property/shared/factorization.test.ts';
const TREE = 'golden/search-tree.test.ts';
const FORMULAS = 'unit/trainer/search/formulas.test.ts';
const GAMES = 'unit/trainer/search/games.test.ts';
const NETWORK = 'unit/trainer/network/model.test.ts';
const OPS = 'unit/trainer/network/ops.test.ts';
const LOSSES = 'unit/trainer/training/losses.test.ts';
const REPLAY = 'unit/trainer/training/replay.test.ts';
const GOAL = 'unit/trainer/training/goal.test.ts';
const RESUME = 'unit/trainer/training/resume.test.ts';
const ACTOR = 'unit/trainer/training/actor.test.ts';

/** Laws by the words of the plan, each with its mutants. @type {Record<string, Mutant[]>} */
export const LAWS = {
  'every token round-trips': [
    {
      name: 'digits decoded in the wrong order',
      file: 'trainer/src/game/tokens.ts',
      find: 'action[offset + i] = layout.values[rest % layout.values.length];',
      replace: 'action[offset + entries - 1 - i] = layout.values[rest % layout.values.length];',
      test: TOKENS,
      title: 'spell every move and read it back',
    },
    {
      name: 'token masks let zero factors and both signs through',
      file: 'trainer/src/game/tokens.ts',
      find: '(first === 0 ? !endsFactor : signed || first > 0)',
      replace: 'true',
      test: TOKENS,
      title: 'are allowed exactly where the move can still end sign-canonical',
    },
  ],
  'reaching zero ends the game, rewarded -steps': [
    {
      name: 'a move costs nothing but earns 1',
      file: 'trainer/src/game/reward.ts',
      find: 'export const MOVE_REWARD = -1;',
      replace: 'export const MOVE_REWARD = 1;',
      test: REWARD,
      title: 'of reaching zero is minus the steps',
    },
    {
      name: 'the game goes on after zero',
      file: 'trainer/src/game/state.ts',
      find: 'return position.movesLeft === 0 || isSolved(position);',
      replace: 'return position.movesLeft === 0;',
      test: REWARD,
      title: 'of reaching zero is minus the steps',
    },
    {
      name: 'modulo 2, residuals keep their carries',
      file: 'trainer/src/game/state.ts',
      find: 'modulo2 ? next & 1 : next',
      replace: 'next',
      test: BASIS,
      title: 'is multilinear',
    },
  ],
  'an unsolved game scores below a solved one': [
    {
      name: 'terminal reward with the wrong sign',
      file: 'trainer/src/game/reward.ts',
      find: '(isSolved(position) ? 0 : -sliceRankSum(',
      replace: '(isSolved(position) ? 0 : sliceRankSum(',
      test: REWARD,
      title: 'of any unsolved game is below that of any solved one',
    },
    {
      name: 'no terminal reward',
      file: 'trainer/src/game/reward.ts',
      find: '(isSolved(position) ? 0 : -sliceRankSum(',
      replace: '(isSolved(position) ? 0 : -0 * sliceRankSum(',
      test: REWARD,
      title: 'of any unsolved game is below that of any solved one',
    },
    {
      name: 'solved and unsolved confused',
      file: 'trainer/src/game/reward.ts',
      find: '(isSolved(position) ? 0 : -sliceRankSum(',
      replace: '(!isSolved(position) ? 0 : -sliceRankSum(',
      test: REWARD,
      title: 'of any unsolved game is below that of any solved one',
    },
  ],
  'value targets are return-to-go for played and synthetic games': [
    {
      name: 'the whole return at every position',
      file: 'trainer/src/game/reward.ts',
      find: 'MOVE_REWARD * (moves - t) + terminal',
      replace: 'MOVE_REWARD * moves + terminal',
      test: REPLAY,
      title: 'has the return to go as its value, the terminal reward and the bonus included',
    },
    {
      name: "the opening's return for a later position",
      file: 'trainer/src/training/played-examples.ts',
      find: 'game.terminal + game.bonus)[move]',
      replace: 'game.terminal + game.bonus)[0]',
      test: REPLAY,
      title: 'has the return to go as its value, the terminal reward and the bonus included',
    },
    {
      name: 'synthetic games valued from their first move',
      file: 'trainer/src/training/example.ts',
      find: 'value: returnsToGo(remaining.length, bonus)[0]',
      replace: 'value: returnsToGo(position.history.length + remaining.length, bonus)[0]',
      test: SYNTHETIC,
      title: 'has the return to go as its value: minus the factors that are left',
    },
  ],
  'changing token j leaves the logits at positions <= j unchanged': [
    {
      name: 'causal mask leaks one token',
      file: 'trainer/src/network/policy-head.ts',
      find: 'for (let j = i + 1; j < time; j++)',
      replace: 'for (let j = i + 2; j < time; j++)',
      test: NETWORK,
      title: 'is causal: a token changes the logits after its place only',
    },
    {
      name: 'no causal mask',
      file: 'trainer/src/network/policy-head.ts',
      find: 'const mask = time > 1 ? causalMask(o, time) : undefined;',
      replace: 'const mask = time < 0 ? causalMask(o, time) : undefined;',
      test: NETWORK,
      title: 'is causal: a token changes the logits after its place only',
    },
    {
      name: 'the token to predict is its own input',
      file: 'trainer/src/network/targets.ts',
      find: 'position === 0 ? vocabulary : spelled[position - 1]',
      replace: 'spelled[position]',
      test: NETWORK,
      title: 'is causal: a token changes the logits after its place only',
    },
    {
      name: 'contractions leak the factor being spelled',
      file: 'trainer/src/game/observation.ts',
      find: 'const known = layout.slots[position].offset;',
      replace: 'const known = layout.slots[position].offset + 1;',
      test: SYNTHETIC,
      title: 'gives contexts that depend only on what is spelled before',
    },
  ],
  'the log-probability of a sample equals its teacher-forced one': [
    {
      name: 'teacher forcing shifted by one',
      file: 'trainer/src/network/targets.ts',
      find: 'position === 0 ? vocabulary : spelled[position - 1]',
      replace: 'position < 2 ? vocabulary : spelled[position - 2]',
      test: NETWORK,
      title: 'gives a sample, drawn with the key/value cache, the probability it has teacher-forced',
    },
    {
      name: 'places off by one with the key/value cache',
      file: 'trainer/src/network/policy-head.ts',
      find: 'o.rowsOf(places, input.position, time)',
      replace: 'o.rowsOf(places, Math.max(0, input.position - 1), time)',
      test: NETWORK,
      title: 'gives a sample, drawn with the key/value cache, the probability it has teacher-forced',
    },
    {
      name: 'keys and values of the cache out of step',
      file: 'trainer/src/network/policy-head.ts',
      find: 'values: o.concat([before.values, added.values], 2)',
      replace: 'values: o.concat([added.values, before.values], 2)',
      test: NETWORK,
      title: 'gives a sample, drawn with the key/value cache, the probability it has teacher-forced',
    },
    {
      name: 'the cache of one position given to the samples of another',
      file: 'trainer/src/network/tensorflow-operations.ts',
      find: 'repeatRows(tf.reshape(x, [rows, 1, -1]), times)',
      replace: 'tf.tile(tf.reshape(x, [1, rows, -1]), [times, 1, 1])',
      test: NETWORK,
      title: 'gives a sample, drawn with the key/value cache, the probability it has teacher-forced',
    },
  ],
  'permuting the batch permutes the output': [
    {
      name: 'the moves left of one position for the whole batch',
      file: 'trainer/src/game/observation.ts',
      find: 'batch.scalars[row] = movesLeft / rules.moveLimit;',
      replace: 'batch.scalars.fill(movesLeft / rules.moveLimit);',
      test: NETWORK,
      title: 'treats each position by itself: permuting the batch permutes the output',
    },
    {
      name: 'actions given to other positions of the batch',
      file: 'trainer/src/network/targets.ts',
      find: 'positions[Math.floor(row / perPosition)]',
      replace: 'positions[row % positions.length]',
      test: NETWORK,
      title: 'treats each position by itself: permuting the batch permutes the output',
    },
  ],
  'the history keeps its order': [
    {
      name: 'the network sees the oldest moves first',
      file: 'trainer/src/game/observation.ts',
      find: 'const move = history[history.length - 1 - age];',
      replace: 'const move = history[age];',
      test: SYNTHETIC,
      title: 'is observed with its history newest first',
    },
    {
      name: 'the moves of a simulation reversed',
      file: 'trainer/src/search/game-search.ts',
      find: '...path.map((edge) => tree.actionOf(edge).slice())]',
      replace: '...path.map((edge) => tree.actionOf(edge).slice()).reverse()]',
      test: GAMES,
      title: 'is asked for positions whose history is in order, oldest first',
    },
    {
      name: 'the moves of a simulation before those of the game',
      file: 'trainer/src/search/game-search.ts',
      find: 'history: [...this.#position.history, ...path.map((edge) => tree.actionOf(edge).slice())]',
      replace: 'history: [...path.map((edge) => tree.actionOf(edge).slice()), ...this.#position.history]',
      test: GAMES,
      title: 'is asked for positions whose history is in order, oldest first',
    },
  ],
  'priors of merged children sum to 1': [
    {
      name: 'priors not normalized',
      file: 'trainer/src/search/tree.ts',
      find: 'prior: counts[index] / samples.length',
      replace: 'prior: counts[index]',
      test: FORMULAS,
      title: 'have priors count / K that sum to 1',
    },
    {
      name: 'duplicates not merged',
      file: 'trainer/src/search/tree.ts',
      find: 'let index = hashes.indexOf(hash);',
      replace: 'let index = -1;',
      test: FORMULAS,
      title: 'have priors count / K that sum to 1',
    },
    {
      name: 'every distinct action the same prior',
      file: 'trainer/src/search/tree.ts',
      find: 'prior: counts[index] / samples.length',
      replace: 'prior: 1 / distinct.length',
      test: FORMULAS,
      title: 'have priors count / K that sum to 1',
    },
  ],
  'PUCT, backup and improved policy equal a hand-worked golden tree': [
    {
      name: 'PUCT without the square root',
      file: 'trainer/src/search/puct.ts',
      find: 'Math.sqrt(totalVisits)',
      replace: 'totalVisits',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: "PUCT with the parent's visits for the child's",
      file: 'trainer/src/search/puct.ts',
      find: ' / (1 + visits)',
      replace: ' / (1 + totalVisits)',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'values not normalized',
      file: 'trainer/src/search/puct.ts',
      find: 'options.normalizeValues ? rangeScale(tree) : 1',
      replace: '1',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'an unvisited child is worth 0',
      file: 'trainer/src/search/puct.ts',
      find: "options.unvisitedValue === 'parent' ? tree.meanOf(node) : tree.minimum",
      replace: '0',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'moves add to the return that is backed up',
      file: 'trainer/src/search/tree.ts',
      find: 'total += MOVE_REWARD;',
      replace: 'total -= MOVE_REWARD;',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: "the leaf's value backed up without the moves on the way",
      file: 'trainer/src/search/tree.ts',
      find: 'total += MOVE_REWARD;',
      replace: '',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'below the root by the improved policy alone, whatever was visited',
      file: 'trainer/src/search/gumbel.ts',
      find: 'share - visitsOf(tree, first + index) / total',
      replace: 'share',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'the best child instead of its weight by the visits',
      file: 'trainer/src/search/tree.ts',
      find: 'this.visits[node] * this.#bestEdgeMean(node)',
      replace: 'this.#bestEdgeMean(node)',
      test: TREE,
      title: 'the search equals the worked trees',
    },
    {
      name: 'improved policy sharpened where it is to be flattened',
      file: 'trainer/src/search/improved-policy.ts',
      find: 'Math.log(policyVisits) / Math.log(total)',
      replace: 'Math.log(total) / Math.log(policyVisits)',
      test: FORMULAS,
      title: 'is flattened by tau',
    },
    {
      name: 'the move drawn from those valued below the most visited',
      file: 'trainer/src/search/improved-policy.ts',
      find: 'values[i] < threshold ? 0 : weight',
      replace: 'values[i] > threshold ? 0 : weight',
      test: FORMULAS,
      title: 'is never one that is valued below the most visited one',
    },
  ],
  'quantile regression recovers the quantiles of a known distribution': [
    {
      name: 'quantile loss with tau and 1 - tau swapped',
      file: 'trainer/src/training/losses.ts',
      find: 'tf.mul(levels, huber(tf.relu(error), width))',
      replace: 'tf.mul(tf.sub(1, levels), huber(tf.relu(error), width))',
      test: LOSSES,
      title: 'recovers the quantiles of a known distribution',
    },
    {
      name: 'quantile loss without tau, that is the mean',
      file: 'trainer/src/training/losses.ts',
      find: 'const levels = tf.tensor1d(quantileLevels(quantiles.shape[1]));',
      replace: 'const levels = tf.tensor1d(quantileLevels(quantiles.shape[1]).map(() => 0.5));',
      test: LOSSES,
      title: 'recovers the quantiles of a known distribution',
    },
    {
      name: 'acting on the lowest quantiles',
      file: 'trainer/src/network/value-head.ts',
      find: 'if (tau > level) {',
      replace: 'if (tau < 1 - level) {',
      test: NETWORK,
      title: 'acts on the mean of the quantiles above the level',
    },
  ],
  'a game grown from smaller results is never the target': [
    {
      name: 'the target let through',
      file: 'trainer/src/game/grown.ts',
      find: 'if (game.position.residual.some((x, index) => x !== target[index])) return game;',
      replace: 'return game;',
      test: GROWN,
      title: 'draws again when it comes to the target',
    },
    {
      name: 'a factorization of the size itself taken for a part',
      file: 'trainer/src/game/grown.ts',
      find: 'volume(factorization.size) >= volume(size)',
      replace: 'volume(factorization.size) > volume(size)',
      test: GROWN,
      title: 'takes nothing that is as large as the game, whichever way it is turned, or does not lie within it',
    },
  ],
  'the target tensor itself is played, in the canonical basis too': [
    {
      name: 'the canonical basis never drawn',
      file: 'trainer/src/game/basis.ts',
      find: 'if (random.bernoulli(canonicalProbability)) return',
      replace: 'if (random.bernoulli(0 * canonicalProbability)) return',
      test: ACTOR,
      title: 'begin from the multiplication tensor in the canonical basis',
    },
    {
      name: 'the canonical tensor played whatever the basis',
      file: 'trainer/src/training/actor.ts',
      find: 'start(rules, targetTensor(basis), sameSize(target, size) ? moveLimit : moveLimitOf(rules, target))',
      replace: 'start(rules)',
      test: ACTOR,
      title: 'begin from the multiplication tensor in the basis of the game',
    },
    {
      name: 'w indexes the product, not its transpose',
      file: 'shared/src/tensor.ts',
      find: 'k * n + i',
      replace: 'i * p + k',
      test: TENSOR,
      title: 'is the trilinear form trace(A B C)',
    },
  ],
  'basis change and its inverse are exact': [
    {
      name: 'a factor mapped back with the basis for its inverse',
      file: 'trainer/src/game/basis.ts',
      find: 'applyMatrix(basis.w.inverse, w, basis.arithmetic)',
      replace: 'applyMatrix(basis.w.matrix, w, basis.arithmetic)',
      test: BASIS,
      title: 'maps terms into the basis and back exactly',
    },
    {
      name: 'factors multiplied by the transposed matrix',
      file: 'trainer/src/game/unimodular.ts',
      find: 'matrix[i * columns + j] * vector[j]',
      replace: 'matrix[j * columns + i] * vector[j]',
      test: BASIS,
      title: 'is multilinear',
    },
    {
      name: 'the inverse of L U as L^-1 U^-1',
      file: 'trainer/src/game/unimodular.ts',
      find: 'multiply(invertUpper(upper, dimension), invertLower(lower, dimension), dimension)',
      replace: 'multiply(invertLower(lower, dimension), invertUpper(upper, dimension), dimension)',
      test: BASIS,
      title: 'is made of integer matrices with exact integer inverses',
    },
    {
      name: 'a symmetry without its inverse',
      file: 'trainer/src/game/symmetry.ts',
      find: 'right.inverse[l * columns + j]',
      replace: 'right.matrix[l * columns + j]',
      test: SYMMETRY,
      title: 'maps factorizations of a tensor to factorizations of the same tensor',
    },
    {
      name: "signed permutations that forget a move's signs",
      file: 'trainer/src/game/symmetry.ts',
      find: 'result[base + target[index]] = sign[index] * action[index];',
      replace: 'result[base + target[index]] = action[index];',
      test: SYMMETRY,
      title: 'commutes with playing a move',
    },
    {
      name: "a query's signed permutation not undone",
      file: 'trainer/src/network/batcher.ts',
      find: 'actions.map((action) => unpermuteMove(action, permutations[index], size))',
      replace: 'actions',
      test: NETWORK,
      title: 'answers with moves of the position itself',
    },
    {
      name: 'the permutation of another query undone',
      file: 'trainer/src/network/batcher.ts',
      find: 'unpermuteMove(action, permutations[index], size)',
      replace: 'unpermuteMove(action, permutations[0], size)',
      test: NETWORK,
      title: 'answers with moves of the position itself',
    },
  ],
  'a resumed run equals an uninterrupted one': [
    {
      name: "the optimizer's moments lost",
      file: 'trainer/src/training/run-state.ts',
      find: 'this.optimizer.import(state.optimizer);',
      replace: 'this.optimizer.import({ ...state.optimizer, first: state.optimizer.first.map(() => 0) });',
      test: RESUME,
      title: 'that was stopped and resumed equals one that was not',
    },
    {
      name: 'random numbers drawn afresh',
      file: 'trainer/src/training/train.ts',
      find: 'const random = state.random.split(`learn/',
      replace: 'const random = state.random.split(this.#recent.length) ?? state.random.split(`learn/',
      test: RESUME,
      title: 'that was stopped and resumed equals one that was not',
    },
    {
      name: 'the replay lost',
      file: 'trainer/src/training/run-state.ts',
      find: 'this.replay.restore(state.played, state.best);',
      replace: 'this.replay.restore([], state.best);',
      test: RESUME,
      title: 'that was stopped and resumed equals one that was not',
    },
  ],
  'to find the best again is no success while a lower rank is wanted': [
    {
      name: 'as many moves as the best has',
      file: 'trainer/src/training/round-plan.ts',
      find: 'lowest - 1)',
      replace: 'lowest)',
      test: GOAL,
      title: 'gives a game one move fewer than the best so far',
    },
    {
      name: 'tree search from the first find on',
      file: 'trainer/src/training/round-plan.ts',
      find: 'const isReached = lowest <= goalRank;',
      replace: 'const isReached = lowest < Infinity;',
      test: GOAL,
      title: 'searches by beam until that rank is found',
    },
  ],
  'no factorization leaves the trainer without exact reconstruction': [
    {
      name: "a game's factorization not verified",
      file: 'trainer/src/game/basis.ts',
      find: 'return verify(',
      replace: 'return (<T>(claim: T) => claim as unknown as VerifiedFactorization)(',
      test: BASIS,
      title: 'lets no game out that does not reconstruct the tensor',
    },
    {
      name: 'verify looks at every entry but the first',
      file: 'shared/src/factorization.ts',
      find: 'for (let a = 0; a < lengthU; a++) {\n    const residual',
      replace: 'for (let a = 1; a < lengthU; a++) {\n    const residual',
      test: EXACT,
      title: 'rejects any algorithm with one coefficient changed',
    },
  ],
  'the order of moves is free': [
    {
      name: 'a swap that plays the last move twice',
      file: 'trainer/src/training/played-examples.ts',
      find: '[moves[swapped], moves[last]] = [moves[last], moves[swapped]];',
      replace: 'moves[swapped] = moves[last];',
      test: SWAPS,
      title: 'still reaches zero, at the same return, by moves that are all worth imitating',
    },
    {
      name: 'swapped moves that no longer add up',
      file: 'trainer/src/training/demonstrated-game.ts',
      find: 'return { position, remaining: terms.slice(played) };',
      replace: 'return { position, remaining: terms.slice(0, terms.length - played) };',
      test: REPLAY,
      title: 'becomes games in random bases that its remaining terms solve',
    },
    {
      name: 'a synthetic tensor that is not the sum of its factors',
      file: 'trainer/src/game/demonstrations.ts',
      find: 'for (const action of remaining) subtractTerm(residual, negated(action, rules), rules);',
      replace: 'for (const action of remaining) subtractTerm(residual, action, rules);',
      test: SYNTHETIC,
      title: 'is solved by its remaining factors',
    },
  ],
  'the policy learns the improved policy, by AdamW on clipped gradients': [
    {
      name: 'all sampled actions weigh the same',
      file: 'trainer/src/training/losses.ts',
      find: 'tf.sum(tf.mul(negativeLogProbabilities, weights))',
      replace: 'tf.sum(negativeLogProbabilities)',
      test: LOSSES,
      title: 'weighs each action by the improved policy',
    },
    {
      name: 'moments of the gradients before clipping',
      file: 'trainer/src/training/optimizer.ts',
      find: '(1 - BETA1) * clipped;',
      replace: '(1 - BETA1) * gradient[i];',
      test: LOSSES,
      title: 'clips the gradient before the moments see it',
    },
    {
      name: 'a gradient with the wrong sign',
      file: 'trainer/src/network/ops.ts',
      find: 'tf.mul(tf.sub(probabilities, targets)',
      replace: 'tf.mul(tf.sub(targets, probabilities)',
      test: OPS,
      title: 'of the cross-entropy',
    },
  ],
};
