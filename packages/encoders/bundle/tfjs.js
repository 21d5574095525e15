// In place of @tensorflow/tfjs: its core with the operations as methods of tensors, without layers, converters and the
// other backends.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';

export * from '@tensorflow/tfjs-core';
