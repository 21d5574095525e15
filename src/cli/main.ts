#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { releaseClaims } from '../base/claim.js';
import { InputError, UsageError } from '../base/errors.js';
import { diskError } from '../base/files.js';
import { say } from './output.js';

interface CommandModule {
  register(program: Command): void;
}

/** Every command, in the order of the help. Only the one that is called is loaded, with all it needs. */
const COMMANDS: Record<string, () => Promise<CommandModule>> = {
  import: () => import('./import.js'),
  extract: () => import('./extract.js'),
  corpus: () => import('./corpus.js'),
  anchors: () => import('./anchors.js'),
  train: () => import('./train.js'),
  evaluate: () => import('./evaluate.js'),
  verify: () => import('./verify.js'),
  predict: () => import('./predict.js'),
  serve: () => import('./serve.js'),
  export: () => import('./export.js'),
  ablate: () => import('./ablate.js'),
  'zero-shot': () => import('./zeroShot.js'),
  experiment: () => import('./experiment.js'),
  job: () => import('./job.js'),
  report: () => import('./report.js'),
  studio: () => import('./studio.js'),
  info: () => import('./info.js'),
  sample: () => import('./sample.js'),
  bench: () => import('./bench.js'),
  golden: () => import('./golden.js'),
};

/** Exit codes, as every command has them. */
const FAILED = 1;
const WRONG_USE = 2;
/** A sentence repeats what a file says; no file shall fill the screen. */
const LONGEST = 5000;

const packageJson = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string };

const program = new Command('vega-merc')
  .description('Multimodal emotion recognition in conversations with VEGA: train, evaluate, predict.')
  .version(version)
  .option('--verbose', 'print a stack trace with an error (so does VEGA_MERC_DEBUG=1)')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 failed, 2 used wrongly. "vega-merc COMMAND --help" shows a command's options and examples.

Example, from a feature file to a trained model and its scores:
  $ vega-merc import meld.pkl --splits splits.json --out corpus
  $ vega-merc train corpus --anchors anchors.pt --out run
  $ vega-merc evaluate run`,
  );
const named = process.argv.slice(2).find((word) => Object.hasOwn(COMMANDS, word));
const wanted = named === undefined ? Object.values(COMMANDS) : [COMMANDS[named]];
for (const module of await Promise.all(wanted.map((load) => load()))) module.register(program);

// A reader that has seen enough (vega-merc … | head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  say(`vega-merc: ${diskError('standard output', error).message}`);
  process.exit(FAILED);
});
// Nobody listens any more to what is told beside the results: the work goes on.
process.stderr.on('error', () => undefined);
// Interrupted, it dies as it would have, but others need not wait for what it had claimed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    // A command that ends in its own way listens too.
    if (process.listenerCount(signal) > 0) return;
    releaseClaims();
    process.kill(process.pid, signal);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong on stderr. @returns the exit code */
function report(error: unknown): number {
  // Commander has printed its own sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const debug = process.env.VEGA_MERC_DEBUG;
  const verbose =
    program.opts<{ verbose?: boolean }>().verbose === true || (debug !== undefined && debug !== '' && debug !== '0');
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  say(
    `vega-merc: ${message.length > LONGEST ? `${message.slice(0, LONGEST)} … (${message.length} characters)` : message}`,
  );
  // What the operating system refuses is no defect either.
  if (!(error instanceof InputError) && (error as NodeJS.ErrnoException).syscall === undefined)
    say('This is a defect of the program, not of your input; --verbose shows where it happened.');
  if (verbose && stack !== undefined) say(stack);
  return error instanceof UsageError ? WRONG_USE : FAILED;
}
