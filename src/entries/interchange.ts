/** `vega-merc/interchange`: files of other programs, as bytes and by their paths. */
export * from '../interchange/files.js';
export * from '../interchange/index.js';
