export { type CompiledGraph, compileGraph, type Weight } from './compile.js';
export { gradients } from './differentiate.js';
export type { DeviceValue, Engine, Fed, Results, Session, Values } from './engine.js';
export { fillUniform, type MaskRequest, MaskSource } from './masks.js';
export * as ops from './operators/index.js';
export { type AdamWOptions, type ParameterBlock, type ParameterKind, ParameterMemory } from './parameters.js';
export { type Dim, Graph, type Shape, type Tensor } from './tensor.js';
