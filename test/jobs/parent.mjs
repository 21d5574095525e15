// Opens a pool whose workers wait, compute without a pause, and have nothing to do, and says their process numbers.
import { createPool } from '../../dist/jobs/index.js';

const pool = createPool({ module: new URL('./tasks.mjs', import.meta.url), size: 3 });
const first = await Promise.all([pool.run({ ms: 300 }), pool.run({ ms: 300 }), pool.run({ ms: 300 })]);
pool.run({ ms: 600_000 });
pool.run({ spin: true }, { onStart: () => process.stdout.write(`${first.map(({ done }) => done.pid).join('\n')}\n`) });
