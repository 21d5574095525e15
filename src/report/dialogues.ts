import type { AnchorBank } from '../anchors/index.js';
import { MODALITIES } from '../base/modalities.js';
import type { Corpus } from '../corpus/index.js';
import { type Head, headProbabilities, type SplitOutputs } from '../evaluation/index.js';
import { argmax } from '../metrics/index.js';

/** The opinions of an utterance that a page shows. */
export const OPINIONS = ['classHead', 'anchorHead', ...MODALITIES] as const satisfies readonly Head[];

/** One utterance as a page shows it. */
export interface ShownUtterance {
  /** Place in its dialogue, from 0. */
  index: number;
  text?: string;
  speaker?: string;
  /** Class index, -1 where nobody labelled it. */
  label: number;
  /** What the class head predicts, and the probability that it gives it. */
  predicted: number;
  confidence: number;
  /** A distribution [C] of each opinion, in thousandths; null where the modality is absent. */
  opinions: (number[] | null)[];
  /** Nearest exemplars, nearest first: class, place among its exemplars, cosine. */
  nearest: [number, number, number][];
}

/** One dialogue with what its order among the others goes by. */
export interface ShownDialogue {
  id: string;
  utterances: ShownUtterance[];
  labelled: number;
  mistakes: number;
  /** Confidence of its most confident mistake; 0 where it has none. */
  worst: number;
}

/** The dialogues of a split, those with the most confident mistakes first, and the opinions that the model has. */
export interface DialogueBrowser {
  classes: string[];
  opinions: Head[];
  dialogues: ShownDialogue[];
}

/** @param corpus gives texts and speakers, where it is there. */
export function browseDialogues(outputs: SplitOutputs, corpus?: Corpus): DialogueBrowser {
  const { classes, labels, nearest } = outputs;
  const count = classes.length;
  const heads = headProbabilities(outputs);
  const opinions = OPINIONS.filter((head) => heads[head]);
  const predictions = argmax(heads.classHead?.probabilities ?? [], count);
  const k = nearest ? nearest.cosines.length / Math.max(labels.length, 1) : 0;
  const known = new Map(corpus?.dialogues.map((dialogue) => [dialogue.id, dialogue]));
  const dialogues = outputs.dialogues.map(
    (id): ShownDialogue => ({ id, utterances: [], labelled: 0, mistakes: 0, worst: 0 }),
  );
  labels.forEach((label, n) => {
    const dialogue = dialogues[outputs.dialogueOf[n]];
    const index = outputs.position[n];
    const said = known.get(dialogue.id)?.utterances[index];
    const distribution = (head: Head): number[] | null => {
      const present = head === 'classHead' || head === 'anchorHead' ? undefined : outputs.present[head as 'text'];
      if (present?.[n] === 0) return null;
      const values = heads[head]?.probabilities.subarray(n * count, (n + 1) * count) ?? [];
      return Array.from(values, (p) => Math.round(1000 * p));
    };
    const confidence = heads.classHead?.probabilities[n * count + predictions[n]] ?? 0;
    dialogue.utterances.push({
      index,
      ...(said?.text !== undefined && { text: said.text }),
      ...(said && corpus && { speaker: corpus.speakers[said.speaker] }),
      label,
      predicted: predictions[n],
      confidence,
      opinions: opinions.map(distribution),
      nearest: Array.from({ length: k }, (_, i) => [
        nearest?.exemplars[2 * (n * k + i)] as number,
        nearest?.exemplars[2 * (n * k + i) + 1] as number,
        nearest?.cosines[n * k + i] as number,
      ]),
    });
    if (label < 0) return;
    dialogue.labelled++;
    if (label === predictions[n]) return;
    dialogue.mistakes++;
    dialogue.worst = Math.max(dialogue.worst, confidence);
  });
  return { classes, opinions, dialogues: dialogues.toSorted((a, b) => b.worst - a.worst) };
}

/** The most confident mistakes of all dialogues, the most confident first. */
export function confidentMistakes(
  { dialogues }: DialogueBrowser,
  limit: number,
): { id: string; utterance: ShownUtterance }[] {
  return dialogues
    .flatMap(({ id, utterances }) => utterances.map((utterance) => ({ id, utterance })))
    .filter(({ utterance: { label, predicted } }) => label >= 0 && label !== predicted)
    .toSorted((a, b) => b.utterance.confidence - a.utterance.confidence)
    .slice(0, limit);
}

/**
 * Thumbnails of the exemplars that are nearest most often, as data URLs by "class,place", within a budget of bytes.
 */
export function facesOf(
  { dialogues }: DialogueBrowser,
  bank: AnchorBank | undefined,
  budget: number,
): Map<string, string> {
  const uses = new Map<string, number>();
  for (const { utterances } of dialogues)
    for (const { nearest } of utterances)
      for (const [c, e] of nearest) uses.set(`${c},${e}`, (uses.get(`${c},${e}`) ?? 0) + 1);
  const faces = new Map<string, string>();
  let left = budget;
  for (const [key] of [...uses].toSorted((a, b) => b[1] - a[1])) {
    const [c, e] = key.split(',').map(Number);
    const jpeg = bank?.thumbnails?.[c]?.[e];
    if (!jpeg) continue;
    const url = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
    if (url.length > left) break;
    left -= url.length;
    faces.set(key, url);
  }
  return faces;
}
