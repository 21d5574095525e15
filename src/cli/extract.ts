import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Modality } from '../base/modalities.js';
import {
  EXTRACTION_FILE,
  type Extraction,
  extract,
  type Miss,
  TEXT_POOLINGS,
  type TextPooling,
} from '../encoders/index.js';
import { printProgress } from './board.js';
import { corpusDescription } from './describe/corpus.js';
import { printDescription } from './describe/description.js';
import { integerOption, listOption, speakersOption } from './options.js';
import { count, createProgress, formatTable, type Progress, paceOf, plural, print, printJson, say } from './output.js';
import { addSlurmOptions, type SlurmFlags, slurmOf, withoutSlurm } from './slurmOptions.js';

interface ExtractCommandOptions extends SlurmFlags {
  follow?: boolean;
  status?: boolean;
  out: string;
  transcript?: string;
  speakers?: number | string[];
  whole?: boolean;
  text: string;
  textPooling: TextPooling;
  audio: string[];
  visual: string[];
  fps: number;
  classes?: string[];
  name?: string;
  note?: string;
  synthetic?: boolean;
  keepSpeakers?: boolean;
  jobs: number;
  cache?: string;
  strict?: boolean;
  json?: boolean;
  parts?: string;
}

/** More kinds of failures than these are only counted on the screen. */
const SHOWN_KINDS = 10;

export function register(program: Command): void {
  const command = program
    .command('extract')
    .description('make a corpus directory of recordings and transcripts')
    .argument('<input>', 'manifest (.jsonl), recording, transcript (.srt, .vtt), MELD csv or folder, IEMOCAP folder')
    .requiredOption('--out <corpus>', 'directory to write; a corpus in it is replaced')
    .option('--transcript <file>', 'SRT or WebVTT of a single recording (default: the file of its name beside it)')
    .option(
      '--speakers <who>',
      'of a recording without a transcript: how many people speak, or their names in the order in which they first do',
      speakersOption,
    )
    .option('--whole', 'take a recording without a transcript as one utterance, without words and speakers')
    .option('--text <encoder>', 'sentence, a model of the hub or of a folder, or none', 'sentence')
    .addOption(
      new Option('--text-pooling <how>', "how a model's tokens become one row").choices(TEXT_POOLINGS).default('mean'),
    )
    .addOption(
      new Option('--audio <encoders>', 'functionals, speech, models of the hub or of folders, or none; commas between')
        .argParser(listOption)
        .default(['functionals', 'speech'], 'functionals,speech'),
    )
    .addOption(
      new Option('--visual <encoders>', 'expression, expression-mean, clip, clip:MODEL, or none; commas between')
        .argParser(listOption)
        .default(['expression'], 'expression'),
    )
    .option('--fps <rate>', 'frames a second in which faces are looked for', rateOption, 3)
    .option(
      '--classes <names>',
      'class names in label order, with commas between (default: the labels that occur)',
      listOption,
    )
    .option('--name <name>', "name of the corpus (default: the input's)")
    .option('--note <sentence>', 'what must be said wherever a number from this corpus is shown')
    .option('--synthetic', 'record that the corpus was generated')
    .option('--keep-speakers', 'keep all names of speakers: they are the same people in every dialogue')
    .option('--jobs <n>', 'processes that encode at the same time', integerOption, availableParallelism())
    .option('--cache <directory>', "where features are kept for the next run (default: in the user's cache folder)");
  addSlurmOptions(command, 'hand the encoding to SLURM as an array of workers, and the corpus to a job after them')
    .option('--follow', 'watch what was handed to SLURM until the corpus is there')
    .option('--status', 'only say how far the parts are that were handed to SLURM, and who is at which')
    .addOption(new Option('--parts <folder>', 'of an extraction by parts: where they were made').hideHelp())
    .option('--strict', 'exit with 1 if anything could not be read')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
A manifest has an utterance a line: {"dialogue", "index", "speaker", "text", "label", "media", "start", "end", "split"};
only "dialogue" and one of "text" and "media" are needed. Recordings are files with their own
sound and pictures (mp4, mkv, webm, mov, avi, wav, mp3, flac, ogg, opus, …), or single pictures (jpg, png, webp).
What cannot be read costs only itself; ${EXTRACTION_FILE} in the corpus says what and why. The same command again goes on
where it was cut off, and takes what it has from the cache.

Examples:
  $ vega-merc extract talk.mp4 --out corpora/talk
  $ vega-merc extract talk.mp4 --transcript talk.srt --out corpora/talk
  $ vega-merc extract manifest.jsonl --out corpora/mine --classes neutral,joy,anger
  $ vega-merc extract MELD.Raw --out corpora/meld --text FacebookAI/roberta-large --visual clip
  $ vega-merc extract IEMOCAP_full_release --out corpora/iemocap --audio functionals,microsoft/wavlm-base-plus`,
    )
    .action(async (input: string, options: ExtractCommandOptions) => {
      const { text, textPooling, audio, visual, fps, strict, json, slurm, parts, follow, status, ...others } = options;
      const { partition, time, mem, gres, workers, ...rest } = others;
      const asked = {
        ...rest,
        input,
        encoders: {
          text: text === 'none' ? undefined : text,
          textPooling,
          audio: audio.join() === 'none' ? undefined : audio,
          visual: visual.join() === 'none' ? undefined : visual,
          rate: fps,
        },
      };
      if (slurm || follow || status) {
        const cluster = await import('./extractCluster.js');
        if (status) return printProgress('part', cluster.extractionStatus(options.out), json);
        if (slurm) cluster.extractOnCluster(asked, slurmOf(options), withoutSlurm(process.argv.slice(2)));
        return follow ? cluster.followExtraction(options.out) : undefined;
      }
      let board: Progress | undefined;
      let begun = 0;
      const extraction = await extract({
        ...asked,
        ...(parts !== undefined && { alsoCached: partsIn(parts) }),
        onListen: (media) => say(`Listening to ${media} for words (English) and speakers …`),
        onProgress({ done, total, faces, failures }) {
          board ??= createProgress('Utterances encoded', total);
          begun ||= Date.now();
          const notes = [
            paceOf(done, total, (Date.now() - begun) / 1000),
            faces > 0 && `faces in ${count(faces)}`,
            failures > 0 && plural(failures, 'failure'),
          ];
          board.update(done, notes.filter(Boolean).join(', '));
        },
      }).finally(() => board?.stop());
      const failures = extraction.record.misses.filter(({ state }) => state === 'failed');
      if (json) printJson(document(options.out, extraction));
      else summarise(options.out, extraction, failures);
      if (strict && failures.length > 0) {
        say(`${plural(failures.length, 'failure')}, and --strict was given.`);
        process.exitCode = 1;
      }
    });
}

function document(out: string, { corpus, record, cached }: Extraction) {
  const description = corpusDescription(corpus);
  const encoders = Object.entries(record.encoders).map(([modality, { dim, parts }]) => [modality, { dim, parts }]);
  return {
    path: out,
    kind: description.kind,
    ...description.json,
    extraction: { encoders: Object.fromEntries(encoders), counts: record.counts, cached, misses: record.misses },
  };
}

function summarise(out: string, { corpus, record, cached }: Extraction, failures: readonly Miss[]): void {
  printDescription(out, corpusDescription(corpus));
  const rows = Object.entries(record.counts).map(([modality, { present, absent, failed }]) => [
    modality,
    corpus.features[modality as Modality]?.encoder ?? '–',
    present,
    absent,
    failed,
  ]);
  print(`\n${formatTable(['modality', 'encoder', 'present', 'absent', 'failed'], rows)}`);
  if (cached > 0) print(`From the cache: ${count(cached)} of the texts and clips.`);
  const absences = absencesOf(record.misses);
  if (absences !== '') print(`Not there, which is no failure: ${absences}.`);
  if (failures.length === 0) return;
  print(`\n${plural(failures.length, 'failure')}, recorded in ${out}/${EXTRACTION_FILE}:`);
  const kinds = new Map<string, Miss[]>();
  for (const miss of failures) {
    const kind = `${miss.modality} ${miss.reason}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), miss]);
  }
  for (const [first, ...others] of [...kinds.values()].slice(0, SHOWN_KINDS)) {
    const { dialogue, index, modality, media = 'it', reason } = first;
    const more = others.length === 0 ? '' : `, and so ${plural(others.length, 'other')}`;
    print(`  ${modality} of dialogue "${dialogue}", utterance ${index}: ${media} ${reason}${more}`);
  }
  if (kinds.size > SHOWN_KINDS) print(`  and ${plural(kinds.size - SHOWN_KINDS, 'other reason')}`);
}

/** "audio: no sound track (32), silence (1); visual: no face (3)" */
function absencesOf(misses: readonly Miss[]): string {
  const reasons = new Map<Modality, Map<string, number>>();
  for (const { modality, state, reason } of misses) {
    if (state !== 'absent') continue;
    const own = reasons.get(modality) ?? new Map<string, number>();
    // In how many frames no face was found differs from clip to clip.
    const kind = reason.replace(/ in \d+ frames?$/, '');
    reasons.set(modality, own.set(kind, (own.get(kind) ?? 0) + 1));
  }
  const told = ([modality, own]: [Modality, Map<string, number>]) =>
    `${modality}: ${[...own].map(([reason, times]) => `${reason} (${count(times)})`).join(', ')}`;
  return [...reasons].map(told).join('; ');
}

/** The features that the parts of an extraction have made. */
function partsIn(folder: string): string[] {
  const parts = join(folder, 'parts');
  return existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
}

function rateOption(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 60)) throw new InvalidArgumentError('It must be a number above 0, 60 at most.');
  return rate;
}
