import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { lower } from './lower.js';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProtoSchema,
  TensorProto_DataLocation as Location,
  ModelProtoSchema,
  TensorProto_DataType as OnnxType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './protobuf/onnx_pb.js';
import type { Attribute, Constant, DataType, Graph, Tensor } from './tensor.js';

const ONNX_TYPES: Record<DataType, OnnxType> = {
  float32: OnnxType.FLOAT,
  int64: OnnxType.INT64,
  float16: OnnxType.FLOAT16,
  uint8: OnnxType.UINT8,
  int32: OnnxType.INT32,
  bool: OnnxType.BOOL,
};

/** Versions that onnxruntime 1.30 and onnxruntime-web understand alike. */
const IR_VERSION = 9n;
const OPSETS = [
  { domain: '', version: 20n },
  { domain: 'com.microsoft', version: 1n },
];

/** A graph as an ONNX file. */
export interface OnnxFile {
  bytes: Uint8Array;
  /** Names of the inputs that a run must feed. */
  inputs: string[];
}

/**
 * The graph as an ONNX model. Nodes that no output depends on, and inputs that nothing reads, are left out.
 * @param outputs what a run computes, under the names given.
 * @param place for each initialiser its values, or where they lie outside: the name of a file, and bytes before.
 * @param lacks operators that shall be written in others, see `lower`.
 */
export function writeOnnx(
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  place: (initialisers: string[]) => (Place | Float32Array)[] = (names) =>
    names.map((location) => ({ location, offset: 0 })),
  lacks: ReadonlySet<string> = new Set(),
): OnnxFile {
  const { nodes, constants } = lower(graph, liveNodes(graph, [...outputs.values()]), lacks);
  const read = new Set(nodes.flatMap((n) => n.inputs));
  for (const t of outputs.values()) read.add(t.name);
  const inputs = graph.inputs.filter((t) => read.has(t.name));
  const initialisers = graph.initialisers.filter((t) => read.has(t.name));
  const places = place(initialisers.map((t) => t.name));
  const { renamed, copies } = outputNames(graph, outputs);
  const rename = (name: string) => renamed.get(name) ?? name;
  const proto: MessageInitShape<typeof GraphProtoSchema> = {
    name: 'graph',
    node: [
      ...nodes.map((n) => ({
        opType: n.op,
        domain: n.domain,
        input: n.inputs.map(rename),
        output: n.outputs.map((t) => rename(t.name)),
        attribute: Object.entries(n.attributes).map(([name, value]) => attribute(name, value)),
      })),
      ...copies.map(([from, to]) => ({ opType: 'Identity', input: [rename(from)], output: [to] })),
    ],
    initializer: [
      ...constants.filter((c) => read.has(c.name)).map(constant),
      ...initialisers.map((t, i) => initialiser(t, places[i])),
    ],
    input: inputs.map((t) => valueInfo(t.name, t)),
    output: [...outputs].map(([name, t]) => valueInfo(name, t)),
    // Without these the engine names each size that it cannot infer anew, plans no reuse of memory between them, and
    // takes four times as long to make a session.
    valueInfo: nodes.flatMap((n) => n.outputs.filter((t) => !renamed.has(t.name)).map((t) => valueInfo(t.name, t))),
  };
  // A runtime without extensions must not be told of one that nothing uses.
  const opsetImport = OPSETS.filter(({ domain }) => domain === '' || nodes.some((n) => n.domain === domain));
  const model = create(ModelProtoSchema, { irVersion: IR_VERSION, opsetImport, graph: proto });
  return {
    bytes: toBinary(ModelProtoSchema, model),
    inputs: inputs.map((t) => t.name),
  };
}

/**
 * Gives a node's output the name under which it leaves the graph, so that it is written straight to its destination;
 * what leaves twice, or is itself an input or a constant, is copied.
 */
function outputNames(graph: Graph, outputs: ReadonlyMap<string, Tensor>) {
  const renamed = new Map<string, string>();
  const copies: [from: string, to: string][] = [];
  const produced = new Set(graph.nodes.flatMap((n) => n.outputs.map((t) => t.name)));
  for (const [name, tensor] of outputs) {
    if (produced.has(tensor.name) && !renamed.has(tensor.name)) renamed.set(tensor.name, name);
    else copies.push([tensor.name, name]);
  }
  return { renamed, copies };
}

/** The nodes that some output depends on, in their order. */
function liveNodes(graph: Graph, outputs: Tensor[]) {
  const needed = new Set(outputs.map((t) => t.name));
  return graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((t) => needed.has(t.name))) return false;
      for (const name of node.inputs) needed.add(name);
      return true;
    })
    .toReversed();
}

function attribute(name: string, value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
  return { name, type: AttributeType.FLOAT, f: value.float };
}

function constant({ name, dims, type, data }: Constant): MessageInitShape<typeof TensorProtoSchema> {
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { name, dims: dims.map(BigInt), dataType: ONNX_TYPES[type], rawData };
}

interface Place {
  location: string;
  offset: number;
}

function initialiser(
  { name, shape, type }: Tensor,
  place: Place | Float32Array,
): MessageInitShape<typeof TensorProtoSchema> {
  if (place instanceof Float32Array) return constant({ name, dims: [...(shape as number[])], type, data: place });
  const { location, offset } = place;
  const length = 4 * (shape as number[]).reduce((a, b) => a * b, 1);
  return {
    name,
    dims: (shape as number[]).map(BigInt),
    dataType: ONNX_TYPES[type],
    dataLocation: Location.EXTERNAL,
    externalData: Object.entries({ location, offset: `${offset}`, length: `${length}` }).map(([key, value]) => ({
      key,
      value,
    })),
  };
}

function valueInfo(name: string, tensor: Tensor): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = tensor.shape.map((d) =>
    typeof d === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(d) } }
      : { value: { case: 'dimParam' as const, value: d } },
  );
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: ONNX_TYPES[tensor.type], shape: { dim } } } },
  };
}
