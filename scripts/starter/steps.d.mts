type Run = (...args: string[]) => void;
/** Corpora of what is given: OUT/corpora. */
export function makeParts(data: string, out: string, settings: object, run?: Run): Promise<void>;
/** What one model is trained on: OUT/fold-N. */
export function makeFold(
  out: string,
  fold: number,
  settings: object,
  run?: Run,
  hold?: (from: string, to: string, fold: number, count: number) => void,
): { home: string; place: (name: string) => string };
/** Anchors of the training faces alone: OUT/faces.anchors.safetensors. */
export function makeAnchors(data: string, out: string, splits: { seed: number }, run?: Run): string;
/** Trains, or goes on where training was cut off. */
export function trainStarter(corpora: string, anchors: string, out: string, settings: string[], run?: Run): void;
