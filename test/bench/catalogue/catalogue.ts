import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bestKnownRank, formatSize, parseSize, usableThreads } from '@alphatensor-edge/shared';
import { repositoryPath } from '../../support/repository.js';
import { type Bench, refusal } from '../bench.js';
import { count, positive } from '../common/options.js';
import { buildSize } from './build-size.js';
import { RECIPES } from './recipes.js';

export const bench: Bench = {
  summary: 'makes catalogue/ anew: explores, refines, composes and keeps what is best',
  help: `Makes the schemes of catalogue/: explores each size, refines what it finds, published schemes and compositions of smaller ones, and
keeps the points of the front of growth and additions. What the catalogue has stays where nothing better is found. A second call
goes on with the refinements of the first. Afterwards: npm run docs:generate, which writes catalogue/SOURCES.md.

  --size N,M,P  only this size; repeatable (all, smaller ones first, because larger ones are composed of them)
  --seconds S   for the refinement of each start (20); 0 searches nothing, chooses among what is there and counts additions anew
  --workers N   threads of each refinement (as many as there are cores); the schemes do not depend on them, only how far the time reaches
  --clones DIR  a folder with clones of public repositories, from which recipes take schemes that ../shared/data lacks (none): of
                github.com/dronperminov/FastMatrixMultiplication and github.com/google-deepmind/alphaevolve_results, each under its name
  --seed N      of the refinements (1); another one begins them anew
  --work DIR    run folders of the searches (runs/catalogue)
  --out DIR     the catalogue (catalogue)
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        size: { type: 'string', multiple: true },
        seconds: { type: 'string', default: '20' },
        workers: { type: 'string', default: `${usableThreads()}` },
        clones: { type: 'string' },
        seed: { type: 'string', default: '1' },
        work: { type: 'string', default: repositoryPath('runs/catalogue') },
        out: { type: 'string', default: repositoryPath('catalogue') },
      },
    });
    if (values.clones !== undefined && !existsSync(values.clones))
      throw refusal(`There is no folder ${values.clones}; --clones takes one with clones of public repositories.`);
    const catalogue = resolve(values.out);
    mkdirSync(catalogue, { recursive: true });
    const options = {
      catalogue,
      work: resolve(values.work),
      clones: values.clones && resolve(values.clones),
      workers: count('--workers', values.workers),
      seed: count('--seed', values.seed),
      refineSeconds: positive('--seconds', values.seconds),
      onMessage: (text: string) => console.error(text),
    };
    console.log('| scheme | best known rank | growth | additions | nonzeros | origin |');
    console.log('|---|---|---|---|---|---|');
    for (const recipe of recipesOf(values.size)) {
      for (const { variant, contender } of await buildSize(recipe, options)) {
        const { record, growth, additions, nonzeros } = contender;
        const { size, rank } = record.factorization;
        const name = `${formatSize(size).slice(0, -1)};${rank}> ${variant}`.trim();
        console.log(
          `| ${name} | ${bestKnownRank(size)} | ${growth.toFixed(3)} | ${additions} | ${nonzeros} | ${record.origin} |`,
        );
      }
    }
  },
};

function recipesOf(sizes: readonly string[] | undefined) {
  if (sizes === undefined) return RECIPES;
  return sizes.map((text) => {
    const { n, m, p } = parseSize(text);
    const recipe = RECIPES.find(({ size }) => size === `${n},${m},${p}`);
    if (recipe === undefined)
      throw refusal(`There is no recipe for --size ${text}; add one to test/bench/catalogue/recipes.ts.`);
    return recipe;
  });
}
