import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../base/errors.js';
import { isInstalled } from '../prediction/node/named.js';
import { isRunDirectory } from '../run/index.js';
import { integerOption, repeatedOption } from './options.js';
import { print, say } from './output.js';

interface StudioCommandOptions {
  corpus?: string;
  runs: string[];
  build?: string;
  port: number;
}

const STARTER = 'starter';
/** Where the first look puts its runs. */
const RUNS = 'runs';
const DEFAULT_PORT = 4180;

export function register(program: Command): void {
  program
    .command('studio')
    .description('see in a page what a model sees in a conversation, on this machine alone')
    .argument(
      '[model...]',
      'run directories, or "starter"; the first is the default (without one: the starter, then those in runs/)',
    )
    .option('--build <dir>', 'write the page as files for any web server, instead of starting one')
    .option('--corpus <dir>', 'a corpus whose labels are corrected in the page')
    .option('--runs <dir>', 'a run, an experiment or a folder of such to follow (default: runs)', repeatedOption, [])
    .option('--port <n>', 'where the page is served; 0 = any that is free', integerOption, DEFAULT_PORT)
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc studio                              the starter, and what you trained
  $ vega-merc studio runs/1
  $ vega-merc studio runs/1 runs/2                to compare them
  $ vega-merc studio runs/1 --corpus corpus       to correct its labels
  $ vega-merc studio runs/1 --build site          then hand out the folder site with any web server

Words and features are computed in the page. The server listens on 127.0.0.1 only; neither it nor the page asks any other
host for anything.`,
    )
    .action(async (models: string[], { build, port, corpus, runs: followed }: StudioCommandOptions) => {
      const { buildStudio, serveStudio } = await import('../studio/index.js');
      const runs = models.length > 0 ? models : nearModels();
      if (build !== undefined) {
        const { words } = await buildStudio(build, runs);
        if (!words)
          say('Note: vega-merc-encoders is not installed, so the page reads no words; it takes features only.');
        print(`${build}: the studio with ${runs.join(', ')}. Hand the folder out with any web server.`);
        return;
      }
      const studio = await serveStudio({
        runs,
        port,
        corpus,
        followed: followed.length > 0 ? followed : [RUNS],
      });
      print(`The studio is at ${studio.address} (Ctrl+C ends it).`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await studio.close();
    });
}

/** The starter, where it is installed, and runs that lie where the first look puts them. */
function nearModels(): string[] {
  const folder = RUNS;
  const found = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter((path) => isRunDirectory(path) && existsSync(join(path, 'model.safetensors')))
    : [];
  const all = [...(isInstalled(STARTER) ? [STARTER] : []), ...found];
  if (all.length === 0) throw new UsageError('Name a run directory; there is none in runs/, and no starter.');
  return all;
}
