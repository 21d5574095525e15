import { InferenceSession } from 'onnxruntime-node';
import { InputError } from '../base/errors.js';

/**
 * Opens a network, on one thread if nothing else is said: the extraction runs one worker a core, and more threads would
 * only wait for each other.
 * @param network its bytes, or the path of its file.
 * @param options.keepMemory whether it keeps what it has worked in for the next run: for small networks that run very
 * often, which else spend their time on asking for memory.
 * @param options.unpack whether 8-bit weights that the network makes real numbers of are made so once, as it is opened,
 * instead of in every run.
 * @param options.threads more where nothing else computes meanwhile; they change no digit.
 * @throws InputError naming a file that is no network.
 */
export async function openNetwork(
  network: Uint8Array | string,
  { keepMemory = false, unpack = false, threads = 1 } = {},
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    enableCpuMemArena: keepMemory,
    enableMemPattern: false,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Threads that wait for work would else take a core each.
    extra: { session: { ...(unpack && { disable_quant_qdq: '1' }), intra_op: { allow_spinning: '0' } } },
  };
  if (typeof network !== 'string') return InferenceSession.create(network, options);
  try {
    return await InferenceSession.create(network, options);
  } catch (error) {
    throw new InputError(`${network} is no ONNX network that can be run (${(error as Error).message.split('\n')[0]}).`);
  }
}
