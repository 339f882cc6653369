import type { Command } from 'commander';

/**
 * Names the commands of `at-trainer`, in the order of its help, and loads each by itself: a command then starts in half of the time that
 * all of them take to load.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  quickstart: async () => (await import('./quickstart.js')).quickstartCommand(),
  agents: async () => (await import('./agents.js')).agentsCommand(),
  hub: async () => (await import('./hub.js')).hubCommand(),
  benchmark: async () => (await import('./benchmark.js')).benchmarkCommand(),
  train: async () => (await import('./train.js')).trainCommand(),
  finetune: async () => (await import('./finetune.js')).finetuneCommand(),
  play: async () => (await import('./play.js')).playCommand(),
  cluster: async () => (await import('./cluster.js')).clusterCommand(),
  tune: async () => (await import('./tune.js')).tuneCommand(),
  shapes: async () => (await import('./shapes.js')).shapesCommand(),
  catalogue: async () => (await import('./catalogue.js')).catalogueCommand(),
  explore: async () => (await import('./explore.js')).exploreCommand(),
  refine: async () => (await import('./refine.js')).refineCommand(),
  report: async () => (await import('./report.js')).reportCommand(),
  serve: async () => (await import('./serve.js')).serveCommand(),
  verify: async () => (await import('./verify.js')).verifyCommand(),
  import: async () => (await import('./import.js')).importCommand(),
  export: async () => (await import('./export.js')).exportCommand(),
  'export-measurements': async () => (await import('./export-measurements.js')).exportMeasurementsCommand(),
  backend: async () => (await import('./backend.js')).backendCommand(),
};
