type Run = (...args: string[]) => void;
/** Corpora of the three parts, composed of them, and all of it merged: OUT/corpora. */
export function makeCorpora(data: string, out: string, settings: object, run?: Run): Promise<string>;
/** Anchors of the training faces alone: OUT/faces.anchors.safetensors. */
export function makeAnchors(data: string, out: string, splits: { seed: number }, run?: Run): string;
/** Trains, or goes on where training was cut off. */
export function trainStarter(corpora: string, anchors: string, out: string, settings: string[], run?: Run): void;
