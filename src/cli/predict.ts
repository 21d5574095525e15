import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.js';
import { SPLITS, type SplitName } from '../corpus/index.js';
import type { Provider } from '../graph/providers.js';
import type { PredictionLine, Predictor } from '../prediction/index.js';
import { listOption, providerOption, repeatedOption, speakersOption, threadsOption } from './options.js';
import { count, createProgress, formatTable, plural, print, printJson, say } from './output.js';

const FORMATS = ['table', 'jsonl', 'csv', 'srt', 'vtt'] as const;
type Format = (typeof FORMATS)[number];

interface PredictCommandOptions {
  transcript?: string;
  speakers?: number | string[];
  whole?: boolean;
  cache?: string;
  live?: boolean;
  format?: Format;
  split?: SplitName;
  out?: string;
  html?: string;
  classes?: string[];
  anchors?: string;
  faces?: string;
  set: string[];
  threads?: number;
  provider?: Provider;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('predict')
    .description('predict the emotion of every utterance of a conversation, or of many')
    .argument(
      '<model>',
      '"starter" (the package vega-merc-starter), run directory, or a released checkpoint (.pth, .safetensors)',
    )
    .argument(
      '<input>',
      'recording, transcript, manifest, JSONL of utterances, corpus directory, or "-" for JSONL on stdin',
    )
    .option('--transcript <file>', 'SRT or WebVTT of a recording (default: the file of its name beside it)')
    .option(
      '--speakers <who>',
      'of a recording without a transcript: how many people speak, or their names in the order in which they first do',
      speakersOption,
    )
    .option('--whole', 'take a recording without a transcript as one utterance, without words and speakers')
    .option(
      '--cache <directory>',
      "where what was heard is kept for the next time (default: in the user's cache folder)",
    )
    .option('--live', 'answer each line of stdin as it comes; of a model with causal context')
    .addOption(
      new Option(
        '--format <name>',
        'default: by the ending of --out, else a table on a terminal and jsonl elsewhere',
      ).choices(FORMATS),
    )
    .addOption(new Option('--split <name>', 'of a corpus only the dialogues of a split (default: all)').choices(SPLITS))
    .option('--out <file>', 'write to a file, whole or not at all, instead of stdout')
    .option(
      '--html <file>',
      'write a page of the conversation as well: timeline, words, both heads, the face used, nearest faces',
    )
    .option('--classes <names>', 'classes of a checkpoint file, in order; without it, those of a corpus', listOption)
    .option('--anchors <file>', 'anchors for a checkpoint file that has anchor projections; a run has its own')
    .option(
      '--faces <path>',
      'zero-shot: answer among classes given by faces alone; a folder of pictures, a subfolder a class, or an anchor file',
    )
    .option('--set <key=value>', 'what a checkpoint file does not tell, as attentionHeads=8', repeatedOption, [])
    .option('--threads <n>', "threads of one operator (default: the machine's cores)", threadsOption)
    .addOption(providerOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc predict runs/1 talk.mp4
  $ vega-merc predict runs/1 talk.mp4 --transcript talk.srt
  $ vega-merc predict runs/1 talk.mp4 --out talk.emotions.vtt
  $ vega-merc predict runs/1 corpus --split test --out predictions.jsonl
  $ echo '{"speaker":"Ann","text":"You came!"}' | vega-merc predict runs/1 - --live
  $ vega-merc predict released.pth corpus --format csv
  $ vega-merc predict runs/1 talk.mp4 --faces photos    photos/proud/*.jpg, photos/bored/*.jpg, …

A recording without a transcript is listened to: its utterances, English words and speakers are estimates, and every
answer says so. A transcript, and --speakers, win.

A line of JSONL has any of "speaker", "text", "media" with "start" and "end", "audio", "face", "video" (files), "features"
(rows by modality) and "dialogue". An answer repeats who says what and when, and adds the emotion with its confidence, the
distributions of class head, anchor head and both mixtures, what each modality says by itself, and the evidence: each
modality's share, the utterances looked at most, the cosine to the anchor of every class and the nearest exemplars.

With --faces a model that was trained with faces as anchors answers among other classes: more, fewer, renamed. Only the
anchor head can do that, so its probability is the confidence (not calibrated), and every answer says zero-shot.`,
    )
    .action(async (model: string, input: string, options: PredictCommandOptions) => {
      const { openForInput, predictInput, predictLines } = await import('../prediction/node/index.js');
      const { captions, predictionsCsv } = await import('../prediction/index.js');
      const { live, transcript, speakers, whole, cache, split, out } = options;
      if (live && options.html !== undefined)
        throw new UsageError(
          '--html makes a page of a whole conversation, which --live does not wait for; leave one out.',
        );
      if (live && input !== '-') throw new UsageError('--live answers lines of stdin: give "-" as the input.');
      const format = formatOf(options);
      if (live && format !== 'jsonl' && format !== 'table')
        throw new UsageError(`--live writes a line as each answer comes, which ${format} cannot; leave --format out.`);
      const opened = await openForInput(model, input, { ...options, device: options.provider });
      const { predictor } = opened;
      try {
        for (const note of predictor.about.notes) say(`Note: ${note}`);
        if (predictor.about.corpus?.synthetic)
          say('Note: the model was trained on a synthetic corpus; its answers mean nothing.');
        if (live) {
          for await (const line of predictLines(predictor, process.stdin))
            print(format === 'jsonl' ? JSON.stringify(line) : sentence(line));
          return;
        }
        const lines: PredictionLine[] = [];
        const streamed = format === 'jsonl' && out === undefined && !options.json;
        let progress: ReturnType<typeof createProgress> | undefined;
        const notes = await predictInput(
          opened,
          input,
          {
            transcript,
            speakers,
            whole,
            cache,
            split,
            stdin: process.stdin,
            onListen: (media) => say(`Listening to ${media} for words (English) and speakers …`),
          },
          (some, done, all) => {
            // A bar would run through lines on the same terminal.
            if (!streamed || !process.stdout.isTTY) {
              progress ??= createProgress('conversations', all);
              progress.update(done);
            }
            if (streamed) for (const line of some) print(JSON.stringify(line));
            if (!streamed || options.html !== undefined) lines.push(...some);
          },
        ).finally(() => progress?.stop());
        for (const note of notes) say(`Note: ${note}`);
        if (options.html !== undefined) await writePage(options.html, input, lines, predictor, notes);
        if (streamed) return;
        if (options.json) {
          const all = [...predictor.about.notes, ...notes];
          return printJson({ model, ...predictor.about, notes: all, predictions: lines });
        }
        const text = {
          table: () => `${table(lines)}\n`,
          jsonl: () => lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
          csv: () => predictionsCsv(lines, predictor.classes),
          srt: () => captions(lines, 'srt'),
          vtt: () => captions(lines, 'vtt'),
        }[format]();
        if (out === undefined) return void process.stdout.write(text);
        writeFileAtomic(out, text);
        say(`Wrote ${count(lines.length)} predictions to ${out}.`);
      } finally {
        await predictor.dispose();
      }
    });
}

async function writePage(
  path: string,
  input: string,
  lines: readonly PredictionLine[],
  { classes, bank, about }: Predictor,
  notes: readonly string[],
): Promise<void> {
  const { conversationHtml } = await import('../report/conversation/index.js');
  const picture = (emotion: string, name: string) => {
    const c = bank?.classes.indexOf(emotion) ?? -1;
    const at = bank?.sources?.[c]?.findIndex((source) => source.name === name) ?? -1;
    const bytes = bank?.thumbnails?.[c]?.[at];
    return bytes && `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
  };
  const title = input === '-' ? 'Conversation' : basename(input);
  writeFileAtomic(path, conversationHtml(lines, { title, classes, about, notes: [...about.notes, ...notes], picture }));
  say(`Wrote a page of ${plural(lines.length, 'utterance')} to ${path}.`);
}

function formatOf({ format, out }: PredictCommandOptions): Format {
  if (format !== undefined) return format;
  const ending = FORMATS.find((name) => out?.toLowerCase().endsWith(`.${name}`));
  if (out !== undefined) return ending ?? 'jsonl';
  return process.stdout.isTTY ? 'table' : 'jsonl';
}

/** An answer as people read it. */
function table(lines: readonly PredictionLine[]): string {
  const several = new Set(lines.map(({ dialogue }) => dialogue)).size > 1;
  const [named, timed] = [lines.some(({ speaker }) => speaker), lines.some(({ start }) => start !== undefined)];
  const spoken = lines.some(({ text }) => text);
  const doubted = lines.some(({ unfamiliar }) => unfamiliar);
  const head = [
    ...(several ? ['conversation'] : []),
    '',
    ...(timed ? ['from s', 'to s'] : []),
    ...(named ? ['speaker'] : []),
    ...(spoken ? ['words'] : []),
    lines.some(({ zeroShot }) => zeroShot) ? 'emotion (zero-shot)' : 'emotion',
    'sure',
    'then',
    ...(doubted ? ['unfamiliar'] : []),
  ];
  const rows = lines.map((line) => [
    ...(several ? [line.dialogue] : []),
    line.index,
    ...(timed ? [line.start?.toFixed(1) ?? '', line.end?.toFixed(1) ?? ''] : []),
    ...(named ? [line.speaker ?? ''] : []),
    ...(spoken ? [shortened(line.text ?? '')] : []),
    line.emotion,
    `${Math.round(100 * line.confidence)} %`,
    second(line),
    ...(doubted ? [line.unfamiliar?.join(', ') ?? ''] : []),
  ]);
  const heard = lines.some(({ estimated }) => estimated) ? '; words and speakers are estimates' : '';
  return `${formatTable(head, rows)}\n${plural(lines.length, 'utterance')}${heard}.`;
}

/** The second likeliest emotion. */
function second({ probabilities }: PredictionLine): string {
  return Object.entries(probabilities).sort(([, a], [, b]) => b - a)[1]?.[0] ?? '';
}

const LONGEST = 48;
const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** An answer on one line: "Ann: You came! – joy (82 %)". */
function sentence(line: PredictionLine): string {
  const { speaker, text, emotion, confidence, zeroShot, unfamiliar } = line;
  const said = [speaker && `${speaker}:`, text].filter(Boolean).join(' ');
  const sure = `${Math.round(100 * confidence)} %${zeroShot ? ', zero-shot' : ''}`;
  const doubt = unfamiliar ? `, unfamiliar ${unfamiliar.join(' and ')}` : '';
  return `${said}${said === '' ? '' : ' – '}${emotion} (${sure}${doubt})`;
}
