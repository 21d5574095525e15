import type { Command } from 'commander';
import type { Verification } from '../evaluation/index.js';
import { count, percent, plural, print, printJson, say } from './output.js';

interface VerifyCommandOptions {
  corpus?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('verify')
    .description('compute the numbers of runs again, and say whether they hold')
    .argument('<runs...>', 'run directories with an evaluation.json, of models or baselines')
    .option('--corpus <directory>', 'the corpus, where it is not any more where the runs remember it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Compares hashes of corpus, weights and anchors with evaluation.json, computes every score again from the recorded
outputs, and the outputs again from the weights (a baseline is fitted again); a probability may differ by 0.0001.
Another machine or version of the program is said, and is no failure. Writes nothing.
Exit code 1 where something does not hold.

Examples:
  $ vega-merc verify runs/1
  $ vega-merc verify experiment/runs/* --json
  $ vega-merc verify runs/1 --corpus elsewhere/corpus`,
    )
    .action(async (runs: string[], { corpus, json }: VerifyCommandOptions) => {
      const { verifyRun } = await import('../evaluation/index.js');
      const verifications: Verification[] = [];
      for (const run of runs) {
        const verification = await verifyRun(run, corpus);
        verifications.push(verification);
        if (!json) printVerification(verification);
      }
      const failed = verifications.filter(({ holds }) => !holds).length;
      if (json) printJson(verifications);
      else if (runs.length > 1) print(`\n${count(runs.length - failed)} of ${plural(runs.length, 'run')} hold.`);
      if (failed > 0) process.exitCode = 1;
    });
}

function printVerification({ directory, holds, failures, notes, splits }: Verification): void {
  print(`${directory}: ${holds ? 'holds' : 'does NOT hold'}`);
  for (const { split, utterances, difference, tolerance, weightedF1 } of splits) {
    print(
      `  ${split}: ${count(utterances)} utterances, weighted F1 ${percent(weightedF1.recorded)} recorded, ` +
        `${percent(weightedF1.found)} computed again; probabilities differ by at most ` +
        `${difference === 0 ? 0 : difference.toExponential(0)} (allowed: ${tolerance})`,
    );
  }
  for (const note of notes) say(`  Note: ${note}`);
  for (const failure of failures) say(`  ${failure}`);
}
