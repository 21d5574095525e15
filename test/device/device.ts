import { existsSync } from 'node:fs';
import { InputError } from '../../src/base/errors.js';
import { checkDevice, nodeEngine } from '../../src/graph/node.js';

/** Where Debian's Chromium has its software device (SwiftShader). */
const SOFTWARE = ['/usr/lib/chromium/vk_swiftshader_icd.json'];

/**
 * Is there a device for WebGPU, a software one included? Chooses the software device in the environment of this process,
 * which is that of one test file, unless VK_ICD_FILENAMES names another. Says so in one line where there is none.
 */
export async function hasWebgpu(): Promise<boolean> {
  const software = SOFTWARE.find((path) => existsSync(path));
  if (software !== undefined) process.env.VK_ICD_FILENAMES ??= software;
  try {
    await checkDevice(nodeEngine({ provider: 'webgpu', wholly: true }));
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.warn(
      'The tests on WebGPU are left out: there is no device. To get one in software: apt-get install chromium libvulkan1.',
    );
    return false;
  }
}
