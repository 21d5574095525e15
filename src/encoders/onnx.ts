import { InferenceSession } from 'onnxruntime-node';
import { InputError } from '../base/errors.js';

/**
 * Opens an ONNX file with options that keep its memory small.
 * @throws InputError naming a file that is no network.
 */
export async function openSession(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, { enableCpuMemArena: false, enableMemPattern: false });
  } catch (error) {
    throw new InputError(`${path} is no ONNX network that can be run (${(error as Error).message.split('\n')[0]}).`);
  }
}
