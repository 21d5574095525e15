// Prints the packages that loading a module brings with it: node loaded.mjs MODULE
import { createRequire, register } from 'node:module';
import { MessageChannel } from 'node:worker_threads';

const { port1, port2 } = new MessageChannel();
const urls = new Set();
port1.on('message', (url) => urls.add(url));
const hooks = `
let port;
export function initialize(data) { port = data.port; }
export async function load(url, context, next) { port.postMessage(url); return next(url, context); }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { port: port2 }, transferList: [port2] });
const started = performance.now();
await import(process.argv[2]);
const milliseconds = performance.now() - started;
await new Promise((resolve) => setTimeout(resolve, 50));
port1.close();
for (const path of Object.keys(createRequire(import.meta.url).cache)) urls.add(path);
console.log(JSON.stringify({ milliseconds, files: [...urls].filter((url) => !url.startsWith('node:')) }));
