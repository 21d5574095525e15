// Makes voice.onnx of the weights of Resemblyzer 0.1.4 (Apache-2.0; Wan et al., "Generalized end-to-end loss for speaker
// verification", arXiv 1710.10467), which its Python package holds in a format that is read here after
//   python -c 'import torch; torch.save(torch.load("resemblyzer/pretrained.pt", map_location="cpu")["model_state"], "voice.pt")'
//   node packages/encoders/networks/make-voice.mjs voice.pt
//
// The network: `sound` float32 [windows, 1, 25840], 16 kHz → `voice` float32 [windows, 256], of unit length. What
// Resemblyzer computes outside of its network is in it: power spectra of 160 frames of 25 ms each 10 ms (as a
// convolution with the windowed waves of the Fourier transform) and 40 mel bands (Slaney's scale and norm, no
// logarithm). Weights are stored in 16 bits.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  TensorProto_DataType as Onnx,
  AttributeProto_AttributeType as Type,
} from '../../../dist/graph/protobuf/onnx_pb.js';
import { floatToHalf } from '../../../dist/interchange/halves.js';
import { readTorch } from '../../../dist/interchange/index.js';

const RATE = 16_000;
const FRAME = 400;
const HOP = 160;
const BINS = FRAME / 2 + 1;
const BANDS = 40;
const HIDDEN = 256;
const SAMPLES = 159 * HOP + FRAME;

const weights = readTorch(process.argv[2]);
const of = (name) => (weights instanceof Map ? weights.get(name) : weights[name]);
const nodes = [];
const initializers = [];

const spectrum = node('Conv', ['sound', constant([2 * BINS, 1, FRAME], fourier())], { strides: [HOP] });
const [real, imaginary] = outputsOf('Split', [node('Mul', [spectrum, spectrum])], { axis: 1, num_outputs: 2 });
const power = node('Transpose', [node('Add', [real, imaginary])], { perm: [2, 0, 1] });
let states = node('MatMul', [power, constant([BINS, BANDS], melFilters())]);
for (const layer of [0, 1, 2]) states = lstm(states, layer);
const linear = node('Gemm', [states, tensor('linear.weight'), tensor('linear.bias')], { transB: 1 });
const positive = node('Relu', [linear]);
nodes.push(nodeOf('LpNormalization', [positive], ['voice'], { axis: -1, p: 2 }));

const value = (name, shape) => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: Onnx.FLOAT,
        shape: {
          dim: shape.map((size) => ({
            value:
              typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size },
          })),
        },
      },
    },
  },
});
const model = create(ModelProtoSchema, {
  irVersion: 9n,
  opsetImport: [{ domain: '', version: 20n }],
  graph: {
    name: 'voice',
    node: nodes,
    initializer: initializers,
    input: [value('sound', ['windows', 1, SAMPLES])],
    output: [value('voice', ['windows', HIDDEN])],
  },
});
writeFileSync(fileURLToPath(new URL('voice.onnx', import.meta.url)), toBinary(ModelProtoSchema, model));

/** A layer's states [frames, windows, hidden]; of the last layer the last state [windows, hidden] alone. */
function lstm(input, layer) {
  const gates = (name) => of(`lstm.${name}_l${layer}`);
  const matrix = (name) => {
    const { shape, data } = gates(name);
    return constant([1, ...shape], reordered(data, shape[1]));
  };
  const bias = [...reordered(gates('bias_ih').data, 1), ...reordered(gates('bias_hh').data, 1)];
  const inputs = [input, matrix('weight_ih'), matrix('weight_hh'), constant([1, bias.length], bias)];
  const [all, last] = outputsOf('LSTM', inputs, { hidden_size: HIDDEN });
  return node('Squeeze', [layer === 2 ? last : all, integers([layer === 2 ? 0 : 1])]);
}

/** PyTorch's gates stand as input, forget, cell, output; ONNX's as input, output, forget, cell. */
function reordered(data, width) {
  const part = (gate) => [...data.slice(gate * HIDDEN * width, (gate + 1) * HIDDEN * width)];
  return [...part(0), ...part(3), ...part(1), ...part(2)];
}

/** Cosines, then sines, under a periodic Hann window. */
function fourier() {
  const table = new Float32Array(2 * BINS * FRAME);
  for (let k = 0; k < BINS; k++) {
    for (let n = 0; n < FRAME; n++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FRAME);
      const angle = (2 * Math.PI * k * n) / FRAME;
      table[k * FRAME + n] = window * Math.cos(angle);
      table[(BINS + k) * FRAME + n] = window * Math.sin(angle);
    }
  }
  return table;
}

/** Triangles of equal area on Slaney's scale: linear to 1 kHz, then logarithmic. */
function melFilters() {
  const step = Math.log(6.4) / 27;
  const mel = (f) => (f < 1000 ? (3 * f) / 200 : 15 + Math.log(f / 1000) / step);
  const hertz = (m) => (m < 15 ? (200 * m) / 3 : 1000 * Math.exp(step * (m - 15)));
  const edges = Array.from({ length: BANDS + 2 }, (_, i) => hertz((mel(RATE / 2) * i) / (BANDS + 1)));
  const table = new Float32Array(BINS * BANDS);
  for (let bin = 0; bin < BINS; bin++) {
    const f = (bin * RATE) / FRAME;
    for (let band = 0; band < BANDS; band++) {
      const [low, centre, high] = edges.slice(band, band + 3);
      const height = Math.max(0, Math.min((f - low) / (centre - low), (high - f) / (high - centre)));
      table[bin * BANDS + band] = (height * 2) / (high - low);
    }
  }
  return table;
}

function tensor(name) {
  const { shape, data } = of(name);
  return constant(shape, data);
}

/** A constant in 16 bits, widened when the session is made. */
function constant(shape, data) {
  const name = `constant_${initializers.length}`;
  const rawData = new Uint8Array(floatToHalf(data).buffer);
  initializers.push({ name, dims: shape.map(BigInt), dataType: Onnx.FLOAT16, rawData });
  return node('Cast', [name], { to: Onnx.FLOAT });
}

function integers(values) {
  const name = `constant_${initializers.length}`;
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  initializers.push({ name, dims: [BigInt(values.length)], dataType: Onnx.INT64, rawData });
  return name;
}

function node(op, inputs, attributes = {}) {
  return outputsOf(op, inputs, attributes)[0];
}

function outputsOf(op, inputs, attributes) {
  const outputs = [0, 1].slice(0, op === 'Split' || op === 'LSTM' ? 2 : 1).map((i) => `${op}_${nodes.length}_${i}`);
  nodes.push(nodeOf(op, inputs, outputs, attributes));
  return outputs;
}

function nodeOf(opType, input, output, attributes) {
  const attribute = Object.entries(attributes).map(([name, v]) =>
    Array.isArray(v) ? { name, type: Type.INTS, ints: v.map(BigInt) } : { name, type: Type.INT, i: BigInt(v) },
  );
  return { opType, input, output, attribute };
}
