// What decoding needs of node-av: not its pipelines, and none of the packages for WebRTC that npm would install with it.
export * from 'node-av/constants';
export * from 'node-av/lib';
