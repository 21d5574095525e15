/** `vega-merc/anchors`: anchor banks, in memory and in files. */
export * from '../anchors/files.js';
export * from '../anchors/index.js';
