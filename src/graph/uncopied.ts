import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from './protobuf/onnx_pb.js';

/**
 * onnxruntime-node 1.30 writes an output to the array that it is given, and then copies it once more into a new
 * ArrayBuffer that nobody asked for: for the gradients of 54 M parameters 216 MB, most of whose cost are fresh pages.
 * It makes these copies output by output, and stops where an output is no tensor, which it cannot hand over. So a model
 * gets such an output, an empty sequence, as its first; a run that fetches it and has arrays for all the others has
 * written them when it fails with that one sentence. (Measured in docs/performance.md. The version is pinned exactly;
 * one that hands sequences over would copy again, and nothing else.)
 */
export const LAST_WORD = 'no.tensor';

const REFUSAL = 'Non tensor type is temporarily not supported.';

/** The model with the output `LAST_WORD` before its own. */
export function withLastWord(model: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  proto.graph?.node.push(create(NodeProtoSchema, { opType: 'SequenceEmpty', output: [LAST_WORD] }));
  const float = { value: { case: 'tensorType' as const, value: { elemType: 1 } } };
  proto.graph?.output.unshift(
    create(ValueInfoProtoSchema, {
      name: LAST_WORD,
      type: { value: { case: 'sequenceType', value: { elemType: float } } },
    }),
  );
  return toBinary(ModelProtoSchema, proto);
}

/** Is this how a run ends that fetched `LAST_WORD`? */
export const isLastWord = (error: unknown): boolean => error instanceof Error && error.message === REFUSAL;
