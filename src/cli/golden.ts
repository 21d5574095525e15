import type { Command } from 'commander';
import { checkGolden, type GoldenLine } from '../evaluation/golden.js';
import type { Provider } from '../graph/providers.js';
import { providerOption } from './options.js';
import { print, printJson } from './output.js';

export function register(program: Command): void {
  program
    .command('golden')
    .description('check the engine against reference numbers: forward, every gradient, optimiser steps')
    .argument('<case...>', 'cases as paths without ending (CASE.json beside CASE.safetensors)')
    .addOption(providerOption())
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ vega-merc golden ../shared/golden/vega/iemocap_small')
    .action(async (cases: string[], options: { provider?: Provider; json?: boolean }) => {
      const results: { case: string; lines: GoldenLine[]; agrees: boolean }[] = [];
      for (const path of cases) {
        const lines = await checkGolden(path, options.provider);
        const agrees = lines.every(within);
        results.push({ case: path, lines, agrees });
        if (options.json) continue;
        print(`${path}: ${agrees ? 'agrees' : 'DIFFERS'}`);
        for (const line of lines) {
          const verdict = within(line) ? '' : `  above ${line.tolerance.toExponential(0)}`;
          print(`  ${line.difference.toExponential(2)}  ${line.quantity}${verdict}`);
        }
      }
      if (options.json) printJson(results);
      if (results.some((r) => !r.agrees)) process.exitCode = 1;
    });
}

/** A difference that is not a number is no agreement. */
const within = (line: GoldenLine): boolean => line.difference <= line.tolerance;
