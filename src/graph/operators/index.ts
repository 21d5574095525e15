export * from './activations.js';
export * from './arithmetic.js';
export * from './fusion.js';
export * from './heads.js';
export * from './normalise.js';
export * from './optimiser.js';
export * from './products.js';
export * from './shape.js';
