import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { readAnchors, scanPictures, writeAnchors } from '../anchors/files.js';
import { type AnchorBank, buildAnchors, type Inspection, inspectAnchors, inspectionPage } from '../anchors/index.js';
import { withFile } from '../base/claim.js';
import { UsageError } from '../base/errors.js';
import { removeTemporaries, writeFileAtomic } from '../base/files.js';
import { listOption } from './options.js';
import { count, createProgress, formatTable, type Progress, percent, print, printJson, say } from './output.js';

interface BuildCommandOptions {
  out: string;
  encoder: string;
  model?: string;
  faces?: boolean;
  classes?: string[];
  json?: boolean;
}

export function register(program: Command): void {
  const anchors = program.command('anchors').description('build, inspect and convert anchors of emotion classes');
  registerBuild(anchors);
  registerInspect(anchors);
  registerConvert(anchors);
}

function registerBuild(anchors: Command): void {
  anchors
    .command('build')
    .description('make an anchor file of a folder of face pictures, one subfolder a class')
    .argument('<folder>', 'pictures (jpg, png, webp); the class is in the name of the folder or of the file')
    .requiredOption('--out <file>', 'anchor file to write (*.anchors.safetensors, or *.pt as released)')
    .option('--encoder <name>', 'clip, face-expression, or the path of an ONNX picture network', 'clip')
    .option(
      '--model <name>',
      'with clip: ViT-B/32, ViT-B/16, ViT-L/14, ViT-L/14-336, a hub id, a folder or an ONNX file',
    )
    .option('--faces', 'find, align and crop the face of each picture; pictures without one are skipped')
    .option('--classes <names>', 'class names with commas between, where they are no common emotion names', listOption)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc anchors build faces --out faces.anchors.safetensors
  $ vega-merc anchors build faces --encoder face-expression --out faces.anchors.safetensors
  $ vega-merc anchors build photos --faces --model ./clip-vit-base-patch32 --out photos.anchors.safetensors

clip is fetched from the model hub once and then kept; face-expression ships with this package and is not CLIP.`,
    )
    .action(async (folder: string, options: BuildCommandOptions) => {
      const { encoder: name, model, faces } = options;
      checkOut(options.out);
      // First, so that nobody waits for a model to learn of a mistyped folder.
      const pictures = scanPictures(folder, options.classes);
      const built = await withFile(options.out, { doing: 'anchors build' }, async (claim) => {
        removeTemporaries(dirname(options.out), options.out);
        const { encodePictureFiles, openImageEncoder } = await import('../encoders/index.js');
        const encoder = await openImageEncoder({ encoder: name, model });
        let progress: Progress | undefined;
        const onProgress = (done: number, total: number) => {
          progress ??= createProgress('pictures', total);
          progress.update(done);
        };
        const encode = (paths: readonly string[]) => encodePictureFiles(paths, encoder, { faces });
        const made = await buildAnchors(pictures, encoder, encode, onProgress).finally(async () => {
          progress?.stop();
          await encoder.dispose();
        });
        claim.check();
        writeAnchors(options.out, made.bank);
        return made;
      });
      const { bank, skipped, duplicates } = built;
      const { classes, leftOut } = pictures;
      if (options.json) {
        const named = Object.fromEntries(classes.map((one) => [one.name, Object.fromEntries(one.namedBy)]));
        return printJson({ path: options.out, ...summary(bank), namedBy: named, skipped, duplicates, leftOut });
      }
      print(
        formatTable(
          ['class', 'named by', 'pictures', 'exemplars'],
          classes.map((one, c) => [
            one.name,
            [...one.namedBy.keys()].join(', '),
            count(one.files.length),
            count(bank.exemplars[c].length / bank.dim),
          ]),
        ),
      );
      sayList(skipped, 'skipped');
      sayList(
        duplicates.map((names) => names.join(' = ')),
        'groups of exact duplicates (all kept)',
      );
      sayList(leftOut, 'pictures of other classes left out');
      print(`Wrote ${options.out}: ${bank.classes.length} classes, ${bank.dim} dimensions, encoder ${bank.encoder}.`);
    });
}

function registerInspect(anchors: Command): void {
  anchors
    .command('inspect')
    .description('say how far the faces of an anchor file separate its classes')
    .argument('<file>', 'anchor file (*.anchors.safetensors, or a released *.pt)')
    .option('--html <out>', 'write a page with a map on which every exemplar shows its face')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc anchors inspect faces.anchors.safetensors
  $ vega-merc anchors inspect released.pt --html anchors.html`,
    )
    .action(async (path: string, options: { html?: string; json?: boolean }) => {
      const bank = readAnchors(path);
      const inspection = inspectAnchors(bank);
      if (options.html !== undefined) writeFileAtomic(options.html, await inspectionPage(bank, inspection));
      if (options.json) return printJson({ path, ...summary(bank), ...inspection });
      printInspection(basename(path), bank, inspection);
      if (options.html !== undefined) print(`Wrote ${options.html}.`);
    });
}

/** Prints what inspection found, as tables. */
function printInspection(title: string, bank: AnchorBank, inspection: Inspection): void {
  print(`${title}: encoder ${bank.encoder ?? 'unknown'}, ${bank.dim} dimensions, hash ${bank.hash}`);
  print('\nCosines between centres');
  print(
    formatTable(
      ['', ...bank.classes],
      inspection.centreCosines.map((line, c) => [bank.classes[c], ...line.map((value) => value.toFixed(3))]),
    ),
  );
  print(
    formatTable(
      ['class', 'exemplars', 'spread', 'nearest centre right %'],
      inspection.classes.map(({ name, exemplars, spread, accuracy }) => [
        name,
        count(exemplars),
        spread?.toFixed(3) ?? '–',
        accuracy === undefined ? '–' : percent(accuracy),
      ]),
    ),
  );
  if (inspection.leaveOneOut !== undefined) {
    const { accuracy, majority } = inspection.leaveOneOut;
    print(
      `Nearest centre, each exemplar left out of its own: ${percent(accuracy)} % right (always the largest class: ${percent(majority)} %).`,
    );
  }
  const name = ({ class: c, index }: { class: number; index: number }) =>
    bank.sources?.[c]?.[index]?.name ?? `${bank.classes[c]} no. ${index + 1}`;
  if (inspection.nearestPairs.length > 0) {
    print('\nNearest exemplars of different classes');
    print(
      formatTable(
        ['one', 'other', 'cosine'],
        inspection.nearestPairs.map(({ a, b, cosine }) => [name(a), name(b), cosine.toFixed(3)]),
      ),
    );
  }
  print(inspection.outliers.length > 0 ? '\nOutliers' : '\nNo outliers.');
  if (inspection.outliers.length > 0) {
    print(
      formatTable(
        ['exemplar', 'cosine to its class', 'nearest class', 'cosine'],
        inspection.outliers.map(({ exemplar, cosine, nearest, nearestCosine }) => [
          name(exemplar),
          cosine.toFixed(3),
          bank.classes[nearest],
          nearestCosine.toFixed(3),
        ]),
      ),
    );
  }
}

function registerConvert(anchors: Command): void {
  anchors
    .command('convert')
    .description("turn released .pt anchors into an anchor file, or back; the new name's ending says which")
    .argument('<file>', 'anchor file (*.anchors.safetensors, or a released *.pt)')
    .requiredOption('--out <file>', 'file to write: *.anchors.safetensors or *.pt')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc anchors convert released.pt --out released.anchors.safetensors
  $ vega-merc anchors convert faces.anchors.safetensors --out faces.pt

A .pt file keeps numbers and class names; encoder, file names and thumbnails have no place in it.`,
    )
    .action((path: string, options: { out: string; json?: boolean }) => {
      checkOut(options.out);
      const bank = readAnchors(path);
      writeAnchors(options.out, bank);
      if (options.json) printJson({ path: options.out, ...summary(bank) });
      else print(`Wrote ${options.out}: ${bank.classes.length} classes, ${bank.dim} dimensions.`);
    });
}

function summary(bank: AnchorBank) {
  return {
    encoder: bank.encoder ?? null,
    dim: bank.dim,
    classes: bank.classes,
    exemplars: bank.exemplars.map((rows) => rows.length / bank.dim),
    hash: bank.hash,
  };
}

/** A list that may be long, on stderr: the first of it, and how many there are. */
function sayList(items: readonly string[], what: string): void {
  if (items.length === 0) return;
  say(`${count(items.length)} ${what}:`);
  for (const item of items.slice(0, 20)) say(`  ${item}`);
  if (items.length > 20) say(`  … and ${count(items.length - 20)} more (all with --json)`);
}

/** Its ending says in which format anchors are written. */
function checkOut(path: string): void {
  if (/\.(pt|pth|safetensors)$/i.test(path)) return;
  throw new UsageError(`--out must end in .anchors.safetensors or .pt, not "${basename(path)}".`);
}
