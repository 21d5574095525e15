/** The studio: a page in which one sees what a model sees, and the local server that hands it out. */
export { createStudio, type LocalPart, type StudioOptions } from './app.js';
export { buildStudio, type StaticStudio } from './build.js';
export { modelsAt, type StudioModel } from './models.js';
export { type RunningStudio, type ServeOptions, serveStudio } from './serve.js';
