export interface Program {
  startSeconds: number;
  startOperations: number;
  startPerJob: number;
  jobOperations: number;
  beatsPerSecond: number;
  lookOperations: number;
  lookSeconds: number;
  lockSeconds: number;
  lockPerLook: number;
  help: 'all' | 'logs';
  tableSeconds: number;
  epochs: number;
}
export interface World {
  nodes: number;
  jobs: number;
  lossesPerNodeHour: number;
  backSeconds: number;
  stragglers: number;
  straggle: number;
  operationsPerSecond: number;
  seed: number;
}
export interface Simulated {
  makespan: number;
  ideal: number;
  wasted: number;
  worked: number;
  helping: number;
  operations: number;
}
export function random(seed: number): () => number;
export function simulate(world: World, program: Program, durations: readonly number[]): Simulated;
