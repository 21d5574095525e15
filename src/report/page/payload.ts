/**
 * What the script of the page reads of an utterance; shares and cosines are in thousandths. A label of -1 is none; each
 * head's opinion is its probability of each class, null where its modality is absent.
 */
export type UtteranceLine = [
  index: number,
  text: string | null,
  speaker: string | null,
  label: number,
  predicted: number,
  confidence: number,
  opinions: (number[] | null)[],
  nearest: [classIndex: number, exemplar: number, cosine: number][],
];

/** What the script of the page reads, as JSON in the element `ID-data`. */
export interface BrowserData {
  classes: string[];
  /** Names of the heads whose opinions follow. */
  opinions: string[];
  /** Pictures of exemplars as data URLs, by "class,exemplar". */
  faces: Record<string, string>;
  names: Record<string, string>;
  dialogues: [id: string, utterances: UtteranceLine[]][];
}
