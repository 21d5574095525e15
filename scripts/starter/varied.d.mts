export interface Way {
  speed: number;
  gain: number;
  drive?: number;
  lowPass?: number;
  noise?: number;
}
/** How a recording is to sound. */
export function drawWay(stream: { uniform: () => number }): Way;
/** @param samples -1 … 1 at 16 kHz; @returns as many, -1 … 1. */
export function varySound(samples: Float32Array, way: Way, stream: { normal: () => number }): Float32Array;
