/**
 * A piece of work that a process anywhere can do: its kind says which module does it, its task what, and its input what
 * decides the result. Its output are files that appear whole, so that doing it twice, at once or after a kill, is harmless.
 */
export interface Job<Task = unknown> {
  kind: string;
  /** For people: "ravdess, none, seed 1". */
  name: string;
  /** SHA-256 of everything that decides the output. */
  input: string;
  /** What the kind's module is told; JSON. */
  task: Task;
}

/** What does jobs of a kind. The rooms above register theirs by the name of the kind. */
export interface JobModule<Task = unknown, Note = unknown> {
  /** Whether all of its output is there. */
  isDone(task: Task): boolean;
  /** @throws ClaimedError where another process is at it, which is no failure. */
  perform(task: Task, tell: (note: Note) => void): Promise<unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind has tasks of its own, which the plan's reader hands back as they were
export type JobModules = Readonly<Record<string, () => Promise<JobModule<any, any>>>>;
