/** Where a graph can be computed on Node, as onnxruntime names its providers. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;
export type Provider = (typeof PROVIDERS)[number];
