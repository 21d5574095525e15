import { InferenceSession } from 'onnxruntime-node';
import { InputError } from '../base/errors.js';

/**
 * Opens a network on one thread: the extraction runs one worker a core, and more threads would only wait for each other.
 * @param network its bytes, or the path of its file.
 * @param options.keepMemory whether it keeps what it has worked in for the next run: for small networks that run very
 * often, which else spend their time on asking for memory.
 * @param options.unpack whether 8-bit weights that the network makes real numbers of are made so once, as it is opened,
 * instead of in every run.
 * @throws InputError naming a file that is no network.
 */
export async function openSingleThreaded(
  network: Uint8Array | string,
  { keepMemory = false, unpack = false } = {},
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    enableCpuMemArena: keepMemory,
    enableMemPattern: false,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    ...(unpack && { extra: { session: { disable_quant_qdq: '1' } } }),
  };
  if (typeof network !== 'string') return InferenceSession.create(network, options);
  try {
    return await InferenceSession.create(network, options);
  } catch (error) {
    throw new InputError(`${network} is no ONNX network that can be run (${(error as Error).message.split('\n')[0]}).`);
  }
}
