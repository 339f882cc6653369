/** What the options that several commands have are for, in the same words in both programs. */
export const OPTION_WORDS = {
  factorizations:
    'strassen, winograd, laderman, standard:n,m,p, a name of the catalogue such as 4x4x4:48, a file, or FILE#n,m,p for one size of a file that holds several',
  problem:
    'dimensions of the product, for example 2048x1024x512, or 2048 for a cube; after them its own number format, threads and what lies transposed (nt: B, tn: A, tt: both), where they differ, for example 2048:f64:2:nt',
  dtype: 'number format of the matrices',
  threads: 'threads of the candidate and of the baseline',
  levels: 'apply a single factorization this many times, one inside the other',
  variant: "the backend's way of building a program, for example packed or temporaries",
  maxWorkspace:
    'bound on the memory beside A, B and C: 1x for as much as they take, or bytes such as 512MiB; programs of the variant packed then work in parts',
  tunePlans:
    'try this many kernel plans (tile sizes) of the variant packed first, and measure with the fastest (default: none are tried)',
  sustained:
    'measure at least this long, for example 5m, to see what throttling leaves and the energy (default: only until the interval is narrow)',
  measuringBudget: 'time for one measurement at most, for example 30s or 5m',
  budget: 'stop after this long, for example 90s, 30m or 2h',
  seed: 'seed of every random choice',
  json: 'print one JSON document to standard output',
} as const;
