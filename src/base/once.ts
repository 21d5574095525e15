/** Something made when it is first needed, and freed at the end. */
export interface Once<T> {
  /** Makes it, or waits for whoever is making it. A failure is not kept: the next call tries again. */
  get(): Promise<T>;
  /** Frees what there is; afterwards `get` refuses. */
  dispose(): Promise<void>;
}

export function once<T extends { dispose(): Promise<void> }>(make: () => Promise<T>, what: string): Once<T> {
  let made: Promise<T> | undefined;
  let disposed = false;
  return {
    async get() {
      if (disposed) throw new Error(`${what} was disposed of.`);
      made ??= make().catch((error) => {
        made = undefined;
        throw error;
      });
      return made;
    },
    async dispose() {
      disposed = true;
      // A failed compilation has told its caller; there is nothing to free.
      const thing = await made?.catch(() => undefined);
      made = undefined;
      await thing?.dispose();
    },
  };
}
