export interface Cluster {
  /** For programs that call its commands. */
  env: NodeJS.ProcessEnv;
  root: string;
  /** Kills a node's slurmd and whatever it runs. */
  killNode(name: string): void;
  startNode(name: string): void;
  restartController(): void;
  call(command: string, ...args: string[]): string;
  /** Until nothing is queued. */
  settle(seconds?: number): Promise<void>;
  stop(): Promise<void>;
}
export function hasSlurm(): boolean;
export function startCluster(nodes?: readonly string[]): Promise<Cluster>;
