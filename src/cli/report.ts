import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.js';
import { print, say } from './output.js';

interface ReportOptions {
  out?: string;
  format: 'html' | 'markdown' | 'latex' | 'csv' | 'json';
  reference?: string;
}

export function register(program: Command): void {
  program
    .command('report')
    .description('show a run or an experiment: one self-contained HTML page, or its tables')
    .argument('<path...>', 'run or experiment directories; several for markdown only')
    .option(
      '--out <file>',
      'where to write; of csv a directory, which gets a file a table (default: report.html in the directory; other formats are printed)',
    )
    .addOption(
      new Option('--format <name>', 'what to write')
        .choices(['html', 'markdown', 'latex', 'csv', 'json'])
        .default('html'),
    )
    .option('--reference <file>', "another program's scores, to stand beside")
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc report runs/1
  $ vega-merc report ablations --format csv --out tables
  $ vega-merc report real ablations --format markdown --out docs/results.md

The page holds everything: it loads nothing, and can be sent to others. Texts and faces of the test set are in it.`,
    )
    .action(async (paths: string[], options: ReportOptions) => {
      const { format, out } = options;
      if (paths.length > 1 && format !== 'markdown')
        throw new UsageError(`Name one run or experiment; several fit into one document with --format markdown only.`);
      const report = await import('../report/index.js');
      const experiments = paths.map(report.openSubject);
      const [experiment] = experiments;
      const reference = options.reference === undefined ? undefined : report.readReference(options.reference);
      if (format === 'html') {
        const file = out ?? join(paths[0], report.REPORT);
        const { html, notes } = report.reportPage(experiment, reference);
        writeFileAtomic(file, html);
        for (const note of notes) say(`Note: ${note}`);
        say(`${file}: ${(Buffer.byteLength(html) / 1e6).toFixed(1)} MB.`);
      } else if (format === 'csv') {
        const files = report.csvFiles(experiment, reference);
        if (out === undefined)
          print(
            files
              .map(({ name, content }) => `# ${name}\n${content}`)
              .join('\n')
              .trimEnd(),
          );
        else for (const { name, content } of files) writeFileAtomic(join(out, name), content);
      } else {
        const documents = {
          markdown: () => report.markdownDocument(experiments, commandLine(paths, options), reference),
          latex: () => report.latexDocument(experiment, reference),
          json: () => report.jsonDocument(experiment, reference),
        };
        const text = documents[format]();
        if (out === undefined) print(text.trimEnd());
        else writeFileAtomic(out, text);
      }
    });
}

/** The command as a reader would repeat it. */
function commandLine(paths: readonly string[], { reference, out }: ReportOptions): string {
  const words = [...paths, '--format markdown', reference && `--reference ${reference}`, out && `--out ${out}`];
  return `vega-merc report ${words.filter(Boolean).join(' ')}`;
}
