// In place of node-fetch, which TensorFlow.js names for versions of Node that had no fetch.
module.exports = globalThis.fetch;
