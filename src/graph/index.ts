export { gradients } from './differentiate.js';
export { fillUniform, type MaskRequest, MaskSource } from './masks.js';
export * as ops from './operators/index.js';
export { type AdamWOptions, type ParameterBlock, type ParameterKind, ParameterMemory } from './parameters.js';
export { createSession, type Session, type SessionOptions, type Values } from './session.js';
export { type Dim, Graph, type Shape, type Tensor } from './tensor.js';
