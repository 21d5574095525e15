export { createPool, type Outcome, type Pool, type PoolOptions, type TaskListener } from './pool.js';
export type { TaskModule } from './worker.js';
