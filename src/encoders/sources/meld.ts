import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { InputError } from '../../base/errors.js';
import type { SplitName } from '../../corpus/index.js';
import { namesIn, readText } from './files.js';
import { MELD_CLASSES, type Source, type SourceUtterance } from './source.js';

/** How MELD's owners call its splits, in names of csv files and of clip folders. */
const SPLIT_NAMES: [split: SplitName, pattern: RegExp][] = [
  ['train', /train/i],
  ['valid', /dev|valid/i],
  ['test', /test/i],
];
const CLIP = /^dia\d+_utt\d+\.mp4$/;
const COLUMNS = ['Utterance', 'Speaker', 'Emotion', 'Dialogue_ID', 'Utterance_ID'] as const;
type Row = Record<(typeof COLUMNS)[number], string>;

/** Is this one of MELD's csv files, or a folder that holds some? */
export function isMeld(path: string): boolean {
  return csvFiles(path).length > 0;
}

/**
 * MELD as its owners distribute it: `train_sent_emo.csv`, `dev_sent_emo.csv`, `test_sent_emo.csv` and, beside them or
 * below, folders of clips `diaD_uttU.mp4`. Dialogue numbers begin anew in each split, so ids are "train_0", "test_0", ….
 * @param path one csv file, or the folder of all.
 * @throws InputError naming the file and column.
 */
export function readMeld(path: string): Source {
  const files = csvFiles(path);
  const folders = clipFolders(isFile(path) ? dirname(path) : path);
  const splits: Source['splits'] = {};
  const utterances: SourceUtterance[] = [];
  for (const file of files) {
    const split = splitNamed(basename(file));
    // With a single folder of clips there is nothing to choose.
    const clips = folders.length === 1 ? folders[0] : folders.find((folder) => splitNamed(basename(folder)) === split);
    const rows = readRows(file).toSorted(
      (a, b) => Number(a.Dialogue_ID) - Number(b.Dialogue_ID) || Number(a.Utterance_ID) - Number(b.Utterance_ID),
    );
    const ids = new Set<string>();
    for (const row of rows) {
      const dialogue = `${split ?? 'dialogue'}_${row.Dialogue_ID}`;
      ids.add(dialogue);
      const media = clips && join(clips, `dia${row.Dialogue_ID}_utt${row.Utterance_ID}.mp4`);
      const clip = media === undefined ? undefined : { media };
      const text = mended(row.Utterance).trim();
      utterances.push({
        dialogue,
        speaker: row.Speaker,
        text: text === '' ? undefined : text,
        label: row.Emotion.toLowerCase(),
        sound: clip,
        pictures: clip,
      });
    }
    if (split !== undefined) splits[split] = [...ids];
  }
  const origin = [`extracted from MELD: ${files.map((file) => basename(file)).join(', ')}`];
  if (folders.length === 0) origin.push('no folder with clips diaD_uttU.mp4 was found, so there are words alone');
  return { name: 'meld', utterances, classes: MELD_CLASSES, splits, origin };
}

function csvFiles(path: string): string[] {
  const isOne = (name: string) => /_sent_emo.*\.csv$/i.test(name);
  if (isFile(path)) return isOne(basename(path)) ? [path] : [];
  const order = (name: string) => SPLIT_NAMES.findIndex(([, pattern]) => pattern.test(name));
  const names = namesIn(path).filter(isOne);
  return names.toSorted((a, b) => order(a) - order(b)).map((name) => join(path, name));
}

function readRows(file: string): Row[] {
  let rows: Row[];
  try {
    rows = parse(readText(file), { columns: true, skip_empty_lines: true, relax_quotes: true });
  } catch (error) {
    throw new InputError(`${file} is no csv file that can be read (${(error as Error).message}).`);
  }
  const missing = COLUMNS.filter((column) => rows.length > 0 && rows[0][column] === undefined);
  if (rows.length === 0) throw new InputError(`${file} has no rows.`);
  if (missing.length > 0)
    throw new InputError(`${file} has no column "${missing.join('", "')}", as MELD's files have.`);
  return rows;
}

/** Folders with clips, at most two levels down. */
function clipFolders(folder: string, depth = 2): string[] {
  const names = namesIn(folder);
  const own = names.some((name) => CLIP.test(name)) ? [folder] : [];
  const below = depth === 0 ? [] : names.map((name) => join(folder, name)).filter((path) => !isFile(path));
  return [...own, ...below.flatMap((path) => clipFolders(path, depth - 1))];
}

function splitNamed(name: string): SplitName | undefined {
  return SPLIT_NAMES.find(([, pattern]) => pattern.test(name))?.[0];
}

/** MELD's csv files hold characters of Windows-1252 as if they were Latin-1: 0x92 for an apostrophe. */
function mended(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (character) => {
    const meant = iconv.decode(Buffer.from([character.charCodeAt(0)]), 'windows-1252');
    // Not assigned.
    return meant === '\ufffd' ? ' ' : meant;
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
