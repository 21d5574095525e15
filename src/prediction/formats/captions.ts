import { InputError } from '../../base/errors.js';
import { type PredictionLine, unfamiliarNote } from './line.js';

/**
 * Captions with emotions: "[joy 82 %] Ann: You came!", in SRT, or in WebVTT with the speaker as its voice.
 * @param lines of one conversation, each with the times of its utterance.
 * @throws InputError where there are several conversations, or an utterance has no times.
 */
export function captions(lines: readonly PredictionLine[], format: 'srt' | 'vtt'): string {
  const dialogues = new Set(lines.map(({ dialogue }) => dialogue));
  if (dialogues.size > 1) {
    throw new InputError(
      `Captions belong to one recording, but there are ${dialogues.size} conversations. Predict them one by one, or write jsonl or csv.`,
    );
  }
  const blocks = lines.map((line, i) => {
    const { start, end, index, dialogue } = line;
    if (start === undefined || end === undefined) {
      throw new InputError(
        `Utterance ${index} of "${dialogue}" has no start and end, which captions need. Write jsonl or csv instead.`,
      );
    }
    const times = `${clock(start, format)} --> ${clock(end, format)}`;
    return `${format === 'srt' ? `${i + 1}\n` : ''}${times}\n${said(line, format)}\n`;
  });
  if (format === 'srt') return blocks.join('\n');
  const heard = lines.some(({ estimated }) => estimated);
  return `WEBVTT\n\n${heard ? 'NOTE Words and speakers are estimates of a program.\n\n' : ''}${blocks.join('\n')}`;
}

function said(line: PredictionLine, format: 'srt' | 'vtt'): string {
  const { emotion, confidence, zeroShot, speaker, text = '' } = line;
  const sure = `${emotion} ${Math.round(100 * confidence)} %`;
  const feeling = `[${[sure, zeroShot && 'zero-shot', unfamiliarNote(line)].filter(Boolean).join(', ')}]`;
  // A blank line would end the caption.
  const words = text.replace(/\s*\n\s*/g, ' ').trim();
  if (format === 'srt') return [feeling, speaker && `${speaker}:`, words].filter(Boolean).join(' ');
  const escaped = (part: string) => part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `${speaker ? `<v ${escaped(speaker)}>` : ''}${[feeling, escaped(words)].filter(Boolean).join(' ')}`;
}

/** 3723.5 s: 01:02:03,500 in SRT, 01:02:03.500 in WebVTT. */
function clock(seconds: number, format: 'srt' | 'vtt'): string {
  const all = Math.round(seconds * 1000);
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, '0');
  const mark = format === 'srt' ? ',' : '.';
  return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}${mark}${`${all % 1000}`.padStart(3, '0')}`;
}
