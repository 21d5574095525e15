import { stringify } from 'csv-stringify/sync';
import { type PredictionLine, unfamiliarNote } from './line.js';

/** A row an utterance: its place, emotion and confidence, then the probability of each class in a column of its own. */
export function predictionsCsv(lines: readonly PredictionLine[], classes: readonly string[]): string {
  const place = ['dialogue', 'index', 'speaker', 'start', 'end', 'text', 'label'] as const;
  const head = [...place, 'emotion', 'confidence', ...classes.map((name) => `probability of ${name}`), 'note'];
  const rows = lines.map((line) => [
    ...place.map((name) => line[name]),
    line.emotion,
    line.confidence,
    ...classes.map((name) => line.probabilities[name]),
    [
      line.selection,
      line.synthetic && 'synthetic',
      line.zeroShot && 'zero-shot',
      unfamiliarNote(line),
      line.estimated && `estimated: ${line.estimated.join(' and ')}`,
    ]
      .filter(Boolean)
      .join(', '),
  ]);
  return stringify([head, ...rows]);
}
