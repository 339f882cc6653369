import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../../trainer/src/config.js';
import { startBackend } from '../../trainer/src/network/backend.js';
import { Network } from '../../trainer/src/network/model.js';
import { presetForSize } from '../../trainer/src/presets.js';
import { saveCheckpoint } from '../../trainer/src/run/checkpoint.js';
import { micro } from './micro.js';

export const AT_TRAINER = fileURLToPath(new URL('../../trainer/bin/at-trainer.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command of at-trainer from the build. */
export interface TrainerProcess {
  readonly child: ChildProcess;
  /** Resolves when standard error has shown the text. */
  said(text: string | RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** @param configFolder where the names of agents are kept */
export function startTrainer(
  options: readonly string[],
  configFolder: string,
  environment: NodeJS.ProcessEnv = {},
): TrainerProcess {
  const child = spawn(process.execPath, [AT_TRAINER, ...options], {
    env: { ...process.env, ALPHATENSOR_CONFIG_DIR: configFolder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = (text: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (typeof text === 'string' ? stderr.includes(text) : text.test(stderr)) {
          listeners.delete(check);
          resolve();
        }
      };
      listeners.add(check);
      void ended.then(({ code }) =>
        reject(new Error(`at-trainer ended with ${code} before it said ${text}:\n${stderr}`)),
      );
      check();
    });
  return { child, said, ended };
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'at-trainer-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A configuration whose games <1,1,2> even an untrained network wins now and then, in milliseconds. */
export function microConfig(): TrainingConfig {
  return micro(presetForSize('tiny', { n: 1, m: 1, p: 2 }));
}

/** An untrained checkpoint of `microConfig`. */
export async function saveMicroCheckpoint(folder: string): Promise<void> {
  const config = microConfig();
  await startBackend('wasm');
  const network = new Network(config.network, gameRules(config), new Random('micro'));
  await saveCheckpoint(folder, {
    config,
    step: 0,
    demonstrations: [],
    grownFrom: [],
    insideSchoolbook: false,
    weights: network.parameters.export(),
    resume: undefined,
  });
  network.dispose();
}
