import { join } from 'node:path';
import type { Command } from 'commander';
import { writeAnchors } from '../anchors/files.js';
import { syntheticAnchors } from '../anchors/index.js';
import { writeCorpus } from '../corpus/files.js';
import { sampleCorpus } from '../corpus/index.js';
import { corpusDescription } from './describe/corpus.js';
import { integerOption } from './options.js';
import { print, printJson } from './output.js';

const ANCHOR_DIM = 16;

export function register(program: Command): void {
  program
    .command('sample')
    .description('make a synthetic corpus with known structure, and anchors for it, to try the program with')
    .argument('<out>', 'directory to write; an older sample in it is replaced')
    .option('--seed <n>', 'another seed makes another sample', integerOption, 1)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc sample sample
  $ vega-merc train sample --anchors sample/synthetic.anchors.safetensors --out runs/sample --set hidden=64`,
    )
    .action((out: string, options: { seed: number; json?: boolean }) => {
      const corpus = sampleCorpus(options.seed);
      const anchors = join(out, 'synthetic.anchors.safetensors');
      writeCorpus(out, corpus);
      writeAnchors(anchors, syntheticAnchors(corpus.classes, ANCHOR_DIM, options.seed));
      const description = corpusDescription(corpus);
      if (options.json) return printJson({ corpus: out, anchors, ...description.json });
      print(`Wrote a synthetic corpus to ${out} and synthetic anchors to ${anchors}.`);
    });
}
