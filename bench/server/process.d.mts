import type { ChildProcess } from 'node:child_process';

export interface StartedServer {
  address: string;
  child: ChildProcess;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  said(): string;
  logged(): string;
  pids(): number[];
}
export function startServer(args: readonly string[], uploads: string): Promise<StartedServer>;
export function pause(ms: number): Promise<void>;
export function isAlive(pid: number): boolean;
export function memoryOf(pid: number): number;
export function computedBy(pid: number): number;
export function filesIn(uploads: string): string[];
