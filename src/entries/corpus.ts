/** `vega-merc/corpus`: corpora, in memory and in directories. */
export * from '../corpus/files.js';
export * from '../corpus/index.js';
