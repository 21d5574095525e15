import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import {
  type AnchorBank,
  anchorFileChunks,
  bankHash,
  encodeReleasedAnchors,
  parseAnchors,
  syntheticAnchors,
} from '../../src/anchors/index.js';
import { parseJson } from '../../src/base/json.js';
import { type CorpusFiles, parseCorpus, parseFeatures } from '../../src/corpus/index.js';
import { readManifest } from '../../src/encoders/sources/manifest.js';
import { readMeld } from '../../src/encoders/sources/meld.js';
import { readSubtitles } from '../../src/encoders/sources/subtitles.js';
import { runCardSchema } from '../../src/evaluation/card.js';
import { experimentResultsSchema } from '../../src/evaluation/experiment/schema.js';
import { parseExperiment } from '../../src/evaluation/experiment/spec.js';
import { parseOutputs } from '../../src/evaluation/parseOutputs.js';
import {
  elementCount,
  encodeSafetensors,
  encodeTorch,
  type NdArray,
  parsePickle,
  parseSafetensors,
  parseTorch,
} from '../../src/interchange/index.js';
import { storedParts } from '../../src/interchange/zip.js';
import { parseRunConfig } from '../../src/run/format.js';
import { standardisationsIn } from '../../src/run/standardise.js';
import { readLog } from '../../src/training/log.js';
import { pickleTuple } from '../corpus/pickles.js';
import { fixture, fixtures } from '../interchange/fixtures.js';
import { bytesOf, mutated } from './mutations.js';
import { CARD, CORPUS_FILES, EXPERIMENT, LOG, MANIFEST, MELD, RESULTS, RUN, SUBTITLES } from './valid.js';

/** A reader, what to try it with, and what must hold of whatever it accepts. */
export interface Reader {
  name: string;
  cases: fc.Arbitrary<unknown>;
  /** Reads a case; throws an InputError, or an Error where it accepted what it should not have. */
  read: (input: never) => void;
  /** Takes whatever comes: what it does not understand it leaves out. */
  total?: boolean;
}

const reader = <T>(name: string, cases: fc.Arbitrary<T>, read: (input: T) => void): Reader => ({ name, cases, read });

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`accepted, though ${what}`);
}

const whole = ({ shape, data }: NdArray) => must(elementCount(shape) === data.length, 'a tensor has another size');
const float = (shape: number[], data: Float32Array): NdArray => ({ shape, dtype: 'float32', data });
const tensors = new Map<string, NdArray>([
  ['a', float([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
  ['b', { shape: [2], dtype: 'int64', data: BigInt64Array.of(1n, -2n) }],
  ['text.mean', float([2], Float32Array.of(0, 1))],
  ['text.deviation', float([2], Float32Array.of(1, 1))],
]);

/** Safetensors whose header is put together out of sense and nonsense, with a body of some length. */
const headers = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', '__metadata__', '__proto__', 'é', ''),
        fc.oneof(
          fc.record({
            dtype: fc.constantFrom('F32', 'F16', 'I64', 'BOOL', 'F8_E4M3', '__proto__'),
            shape: fc.array(fc.constantFrom(0, 1, 2, 4, -1, 2 ** 31, 2 ** 53, 1.5), { maxLength: 4 }),
            data_offsets: fc.array(fc.constantFrom(0, 4, 8, 16, 32, -4, 2 ** 53), { maxLength: 3 }),
          }),
          fc.jsonValue({ maxDepth: 2 }),
        ),
      ),
      { maxLength: 4 },
    ),
    fc.nat(40),
  )
  .map(([entries, length]) => {
    const json = bytesOf(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    return new Uint8Array(Buffer.concat([size, json, new Uint8Array(length)]));
  });

/** Instructions of the pickle machine in no order. */
const instructions = fc
  .array(
    fc.constantFrom(
      ...[
        '(',
        ')',
        ']',
        '}',
        '.',
        'N',
        '0',
        '1',
        '2',
        'a',
        'e',
        's',
        'u',
        't',
        'l',
        'd',
        'R',
        'b',
        'o',
        'Q',
        '\x85',
        '\x87',
        '\x8f',
        '\x90',
        '\x91',
        '\x94',
        '\x81',
        '\x93',
      ],
      ...[
        'I1\n',
        'I999999999\n',
        'L9L\n',
        'F1.5\n',
        "S'ab'\n",
        'Vab\n',
        'p0\n',
        'g0\n',
        'K\x05',
        'X\x01\0\0\0a',
        '\x80\x04',
      ],
      ...[
        'cnumpy\nndarray\n',
        'cnumpy\ndtype\n',
        'cnumpy.core.multiarray\n_reconstruct\n',
        'cbuiltins\nrange\n',
        'ccollections\nOrderedDict\n',
        'ctorch._utils\n_rebuild_tensor_v2\n',
        'cos\nsystem\n',
      ],
    ),
    { maxLength: 40 },
  )
  .map((parts) => new Uint8Array(Buffer.from(`${parts.join('')}.`, 'latin1')));

/** Torch archives, sound as zips, with another pickle inside: beyond the checksums, where the machine is. */
const archives = mutated([encodeTorch(new Map(tensors))], 'binary');
const sound = storedParts(new Uint8Array(encodeTorch(new Map([...tensors].filter(([name]) => name !== 'b')))), () => {
  throw new Error('unsound');
});
const repacked = mutated([sound.get('archive/data.pkl') as Uint8Array], 'binary').map((pickle) =>
  zipSync({ ...Object.fromEntries(sound), 'archive/data.pkl': pickle }, { level: 0 }),
);

const oddFloat = fc.oneof(
  fc.float(),
  fc.constantFrom(0, 1, -1, 1e38, 1e-40, Number.NaN, Number.POSITIVE_INFINITY).map(Math.fround),
);
/** Anchor files whose numbers are anything, with the hash that belongs to them. */
const banks = fc.tuple(fc.array(oddFloat, { minLength: 12, maxLength: 12 }), fc.boolean()).map(([values, released]) => {
  const rows = Float32Array.from(values);
  const classes = ['joy', 'anger'];
  const [centres, exemplars] = [rows.subarray(0, 4), [rows.slice(4, 8), rows.slice(8, 12)]];
  const bank: AnchorBank = { classes, dim: 2, centres, exemplars, hash: bankHash(classes, 2, centres, exemplars) };
  return released ? encodeReleasedAnchors(bank) : new Uint8Array(Buffer.concat(anchorFileChunks(bank)));
});
const anchorSeeds = [
  new Uint8Array(Buffer.concat(anchorFileChunks(syntheticAnchors(['joy', 'anger'], 4, 1, 2)))),
  encodeReleasedAnchors(syntheticAnchors(['joy', 'anger'], 4, 1, 2)),
];

const corpora = fc
  .tuple(
    mutated([CORPUS_FILES.description], 'text'),
    mutated([CORPUS_FILES.utterances], 'text'),
    mutated([CORPUS_FILES.features], 'binary'),
    fc.constantFrom<keyof CorpusFiles>('description', 'utterances', 'features'),
  )
  .map(([description, utterances, features, which]): CorpusFiles => {
    return { ...CORPUS_FILES, [which]: { description, utterances, features }[which] };
  });

const numbers = (n: number) => Array.from({ length: n }, (_, i) => [i + 0.5, 1, 2]);
const featureFile = pickleTuple([
  new Map([['d', ['M', 'F']]]),
  new Map([['d', [0, 1]]]),
  new Map([['d', numbers(2)]]),
  new Map([['d', numbers(2)]]),
  new Map([['d', numbers(2)]]),
  ['d'],
  [],
]);

const outputsSeed = encodeSafetensors(
  new Map<string, NdArray>([
    ['labels', { shape: [2], dtype: 'int32', data: Int32Array.of(0, -1) }],
    ['dialogue', { shape: [2], dtype: 'int32', data: Int32Array.of(0, 0) }],
    ['position', { shape: [2], dtype: 'int32', data: Int32Array.of(0, 1) }],
    ['logits.fused', float([2, 2], Float32Array.of(1, 2, 3, 4))],
  ]),
  { format: 'vega-merc-outputs', version: '1', split: 'test', classes: '["a","b"]', dialogues: '["d"]', corpus: 'h' },
);

/** Readers of files: the case is written to one of a folder that the test removes. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'fuzz-'));
export const removeFolder = () => rmSync(FOLDER, { recursive: true });
const onDisk = (name: string, read: (path: string) => void) => (bytes: Uint8Array) => {
  const path = join(FOLDER, name);
  writeFileSync(path, bytes);
  read(path);
};

const runConfig = parseRunConfig(RUN, 'config.json');

export const READERS: readonly Reader[] = [
  reader(
    'safetensors',
    fc.oneof(mutated([encodeSafetensors(tensors, { a: 'b' }), fixture('python.safetensors')], 'binary'), headers),
    (b) => {
      for (const tensor of parseSafetensors(b, 'case').tensors.values()) whole(tensor);
    },
  ),
  reader(
    'pickles',
    fc.oneof(
      mutated(
        ['plain.json', 'tensors.json', 'numpy.json'].flatMap((f) => fixtures(f).map(([, b]) => b)),
        'binary',
      ),
      instructions,
    ),
    (b) => {
      parsePickle(b, 'case');
    },
  ),
  reader('torch files', fc.oneof(archives, repacked), (b) => {
    parseTorch(b, 'case');
  }),
  reader('feature pickles', mutated([featureFile], 'binary'), (b) => {
    const corpus = parseFeatures(b, 'case', { classes: ['a', 'b'] });
    must(
      Object.values(corpus.features).every(({ rows, dim }) => rows.length === dim * corpus.utterances),
      'rows are missing',
    );
  }),
  reader('anchors', fc.oneof(mutated(anchorSeeds, 'binary'), banks), (b) => {
    const { centres, exemplars, classes, dim } = parseAnchors(b, 'case');
    must(centres.length === classes.length * dim, 'centres are missing');
    must(
      [centres, ...exemplars].every((rows) => rows.every((x) => Math.abs(x) < 1e7)),
      'a number is impossible',
    );
  }),
  reader('corpus directories', corpora, (files) => {
    const corpus = parseCorpus(files, 'case');
    must(
      Object.values(corpus.features).every(({ rows }) => rows.every(Number.isFinite)),
      'a feature is not finite',
    );
  }),
  reader(
    'manifests',
    mutated([MANIFEST], 'text'),
    onDisk('manifest.jsonl', (path) => {
      must(
        readManifest(path).utterances.every(({ text, sound }) => (text ?? sound) !== undefined),
        'an utterance is empty',
      );
    }),
  ),
  reader(
    'SRT and WebVTT',
    mutated(SUBTITLES, 'text'),
    onDisk('talk.srt', (path) => {
      readSubtitles(path);
    }),
  ),
  reader(
    "MELD's csv",
    mutated([MELD], 'text'),
    onDisk('train_sent_emo.csv', (path) => {
      readMeld(path);
    }),
  ),
  reader('experiment files', mutated([EXPERIMENT], 'text'), (b) => {
    parseExperiment(Buffer.from(b).toString('utf8'), 'case');
  }),
  reader('run configurations', mutated([RUN], 'text'), (b) => {
    const { shape, corpus } = parseRunConfig(b, 'case');
    must(shape.classes === corpus.classes.length && shape.speakers <= 1e6, 'its shape is impossible');
  }),
  reader('standardisations', mutated([encodeSafetensors(tensors)], 'binary'), (b) => {
    const { tensors } = parseSafetensors(b, 'case');
    must(standardisationsIn(tensors, runConfig, 'case').text?.mean.length === 2, 'a mean is missing');
  }),
  {
    ...reader(
      'metrics logs',
      mutated([LOG], 'text'),
      onDisk('metrics.jsonl', (path) => {
        must(
          readLog(path).every((one) => typeof one.epoch === 'number' && typeof one.event === 'string'),
          'an event is none',
        );
      }),
    ),
    total: true,
  },
  reader('run cards', mutated([CARD], 'text'), (b) => {
    parseJson(runCardSchema, Buffer.from(b).toString('utf8'), 'case');
  }),
  reader('results of experiments', mutated([RESULTS], 'text'), (b) => {
    parseJson(experimentResultsSchema, Buffer.from(b).toString('utf8'), 'case');
  }),
  reader('outputs', mutated([outputsSeed], 'binary'), (b) => {
    const { labels, dialogueOf, dialogues, classes } = parseOutputs(b, 'test', 'case');
    must(
      labels.every((label) => label < classes.length),
      'a label is no class',
    );
    must(
      dialogueOf.every((d) => dialogues[d] !== undefined),
      'a dialogue is missing',
    );
  }),
];
