/** An array with its sizes, fed to a run or written by it. */
export interface Values {
  data: Float32Array | BigInt64Array;
  dims: readonly number[];
}

/** A value that stays where an engine computes: the result of one run, which later runs may be fed. */
export interface DeviceValue {
  readonly dims: readonly number[];
  /** Copies its numbers. */
  read(into: Float32Array): Promise<void>;
  /** Frees it; nothing may be fed it afterwards. */
  release(): void;
}

/** What a run may be fed. */
export type Fed = Values | DeviceValue;

/** A compiled graph. One session serves every size of the open dimensions. */
export interface Session {
  /**
   * @param feeds a value for each input; read in place where the engine can. Arrays that are fed must not change, and no
   * second run may read or write them, until the run has ended.
   * @param into outputs to be written to these arrays, where their sizes are known beforehand; never one that is also fed.
   * @returns every output by name, those of `into` included.
   */
  run(feeds: Record<string, Fed>, into?: Record<string, Values>): Promise<Record<string, Values>>;
  /** As `run`, of a graph that was compiled to keep some outputs on the device; the caller releases them. */
  runKeeping?(feeds: Record<string, Fed>, into?: Record<string, Values>): Promise<Results>;
  /** Frees the session, and the engine's copies of its initialisers. */
  dispose(): Promise<void>;
}

/** Outputs by name: those that came back, and those that stayed on the device. */
export interface Results {
  values: Record<string, Values>;
  kept: Record<string, DeviceValue>;
}

/**
 * What runs graphs. It is a part that one plugs in: `nodeEngine` (graph/node.ts) on Node, `webEngine` (graph/web.ts) in
 * browsers. Nothing else in this room, and nothing of a model, knows a runtime.
 */
export interface Engine {
  /** The runtime and where it computes, as "onnxruntime-node on cpu". */
  readonly name: string;
  /** Whether weights may stay in files (`FileRange`): the engine then maps them while it compiles. */
  readonly mapsFiles?: boolean;
  /** Whether outputs can stay on its device, and be fed to later runs (`runKeeping`). */
  readonly keeps?: boolean;
  /** Operators of this room's graphs that it lacks where it computes; they are written in others before it compiles. */
  readonly lacks?: ReadonlySet<string>;
  /**
   * @param model an ONNX file's bytes. @param outputs their names, in the file's order.
   * @param initialisers values for the tensors that the file names and does not hold, by that name. The engine may read
   * them in place while it compiles; afterwards they may be dropped.
   * @param folder where the files lie that the model names as the place of further values; only for engines that map.
   * @param keep outputs that stay on the device; only for engines that keep.
   */
  compile(
    model: Uint8Array,
    outputs: readonly string[],
    initialisers: ReadonlyMap<string, Float32Array>,
    folder?: string,
    keep?: readonly string[],
  ): Promise<Session>;
}

/**
 * What onnxruntime 1.30 has on the processor and lacks on WebGPU, of the operators that graphs here are made of.
 * ReduceLogSumExp is there, but overflows where some x is above 88.
 */
export const WEBGPU_LACKS: ReadonlySet<string> = new Set(['FusedMatMul', 'LogSoftmax', 'ReduceLogSumExp', 'Sign']);
