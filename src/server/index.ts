/** An HTTP service over predictors. */
export { type AppOptions, createApp } from './app.js';
export { PAGE_POLICY, type Page } from './http/pages.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
export { createLog, type Log } from './log.js';
export { createService, type RunningServer, readToken, type ServerOptions, startServer } from './server.js';
export type { Service } from './service.js';
export type { ServedModel } from './work/tasks.js';
