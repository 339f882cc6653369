import { AlphaTensorError, OPTION_WORDS, percent } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { stateFolder } from '../device/device-id.js';
import type { BlasFinding, BlasTiming, Check, Diagnosis } from '../doctor/diagnosis.js';
import { diagnose } from '../doctor/doctor.js';
import { diagnoseTrainer } from '../doctor/trainer-checks.js';
import { threadWords } from '../doctor/words.js';
import { loadCredentials } from '../trainer/credentials.js';

/**
 * Makes `at-agent doctor`, which shows what works on this device, how well, and how to fix the rest. The command fails
 * if nothing can measure.
 */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('try everything that measuring needs on this device, and say how to fix what fails')
    .option('--trainer <address>', 'also try the trainer at HOST:PORT (default: the one that enrolled this device)')
    .option('--json', `${OPTION_WORDS.json}, with all figures`)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent doctor\n  at-agent doctor --json\n  at-agent doctor --trainer trainer.example:50052',
    )
    .action(doctor);
}

async function doctor({ trainer, json }: { trainer?: string; json?: true }): Promise<void> {
  const stop = stopper();
  const tty = process.stderr.isTTY && !json;
  let diagnosis: Diagnosis;
  let trainerChecks: Check[];
  try {
    trainerChecks = await checkTrainerToo(trainer);
    const found = await diagnose({
      signal: stop.signal,
      onProgress: (text) => tty && process.stderr.write(`\r\u001b[K${text}`),
    });
    diagnosis = { ...found, checks: [...found.checks, ...trainerChecks] };
    if (tty) process.stderr.write('\r\u001b[K');
    process.stdout.write(`${json ? JSON.stringify(diagnosis, null, 2) : formatDiagnosis(diagnosis)}\n`);
  } catch (error) {
    if (tty) process.stderr.write('\r\u001b[K');
    if (stop.signal.aborted) throw new AlphaTensorError('CANCELLED', 'Stopped on request.');
    throw error;
  } finally {
    stop.done();
  }
  if (!diagnosis.canMeasure) {
    throw new AlphaTensorError(
      'UNAVAILABLE',
      'Nothing can be measured on this device, because no backend works; follow the advice beside the failed ones.',
    );
  }
  if (trainerChecks.some(({ status }) => status === 'failed')) {
    throw new AlphaTensorError(
      'UNAVAILABLE',
      'This device cannot serve the trainer; follow the advice beside the failed checks.',
    );
  }
}

/** Checks the named trainer, or else the one that enrolled this device. Without either there are no checks. */
async function checkTrainerToo(trainer: string | undefined): Promise<Check[]> {
  const credentials = loadCredentials(stateFolder());
  const address = trainer ?? credentials?.trainer;
  return address === undefined ? [] : diagnoseTrainer(address, credentials);
}

/**
 * The time that running work has to end after a stop is asked for. The ranking of the BLAS libraries does not
 * listen to the signal.
 */
const GRACE_MS = 3000;

/** Makes a signal that SIGINT and SIGTERM set off. A second one ends the process at once, and with it its children. */
function stopper(): { readonly signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const exit = (): never => process.exit(new AlphaTensorError('CANCELLED', '').exitCode);
  const onSignal = (): void => {
    if (controller.signal.aborted) exit();
    controller.abort();
    setTimeout(() => {
      process.stderr.write('error: Stopped on request.\n');
      exit();
    }, GRACE_MS).unref();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

/** Formats the diagnosis for people: the checks, then a table of the BLAS libraries. */
export function formatDiagnosis({ checks, blas, canMeasure }: Diagnosis): string {
  const lines = checks.flatMap(({ name, status, detail, fix }) => [
    `${MARKS[status]} ${name}: ${detail}`,
    ...(fix === '' ? [] : [`        -> ${fix}`]),
  ]);
  const count = (status: keyof typeof MARKS): number => checks.filter((check) => check.status === status).length;
  return [
    ...lines,
    '',
    ...blasTable(blas),
    `This device ${canMeasure ? 'can' : 'cannot'} measure: ${count('ok')} checks ok, ${count('warning')} with a warning, ${count('failed')} failed.`,
  ].join('\n');
}

/**
 * Formats rate, share of the multiply-add peak, and threads used, for every library that was timed. Empty if none was.
 */
function blasTable(libraries: readonly BlasFinding[]): string[] {
  const timed = libraries.filter(({ timings }) => timings.length > 0);
  if (timed.length === 0) return [];
  const settings = timed
    .map(({ timings }) => timings)
    .reduce((most, each) => (each.length > most.length ? each : most));
  const header = ['GFLOP/s (share of peak)', ...settings.map(settingWords), 'threads used'];
  const rows = timed.map(({ name, version, timings }) => [
    `${name} ${version}`.trim(),
    ...settings.map((setting) => cell(timings.find((timing) => settingWords(timing) === settingWords(setting)))),
    timings
      .filter(({ dtype }) => dtype === 'f32')
      .map(({ threadsUsed, threadsAllowed }) => `${threadsUsed.toFixed(2)} of ${threadsAllowed}`)
      .join(', '),
  ]);
  const peak = ['multiply-add peak', ...settings.map(({ peakGflops }) => peakGflops.toFixed(1)), ''];
  return [...columns([header, ...rows, peak]), ''];
}

function settingWords({ dtype, threadsAllowed }: BlasTiming): string {
  return `${dtype}, ${threadWords(threadsAllowed)}`;
}

function cell(timing: BlasTiming | undefined): string {
  if (timing === undefined) return '-';
  return `${timing.gflops.toFixed(1)} (${percent(timing.shareOfPeak)})${timing.baseline ? ' baseline' : ''}`;
}

/** Formats rows with every column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
