import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withDirectory } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { sha256 } from '../base/sha256.js';
import { isCorpusDirectory } from '../corpus/files.js';
import { isDone, type PartTask } from '../encoders/extract/partTask.js';
import type { ExtractOptions } from '../encoders/index.js';
import {
  type JobView,
  jobOf,
  lookAtJobs,
  type Progress,
  progressOf,
  refuseSubmitted,
  type SlurmOptions,
  submit,
  writeJobs,
} from '../jobs/index.js';
import { followOnBoard, PROGRAM } from './cluster.js';
import { plural, print, say } from './output.js';

/** Parts a worker, so that one with long recordings is helped by the others. */
const PARTS_A_WORKER = 4;
const MOST_PARTS = 1000;

/** The folder beside a corpus that holds the jobs of its extraction, and what their parts have made. */
const partsFolder = (out: string): string => `${resolve(out)}.jobs`;

/**
 * `extract --slurm`: hands the encoding to an array of workers, and the corpus to a job after them that finds all encoded.
 * @param call this command's own arguments, without those of the cluster.
 */
export function extractOnCluster(options: PartTask['options'], slurm: SlurmOptions, call: string[]): void {
  const folder = partsFolder(options.out);
  refuseSubmitted(folder, `The extraction to ${options.out}`);
  const of = Math.min(MOST_PARTS, PARTS_A_WORKER * (slurm.workers ?? 8));
  const absolute: PartTask['options'] = { ...options, input: resolve(options.input), out: resolve(options.out) };
  const input = sha256(JSON.stringify(decides(absolute)));
  withDirectory(folder, { doing: 'extract' }, () => {
    writeJobs(
      folder,
      Array.from({ length: of }, (_, part) => {
        const task: PartTask = { options: absolute, part, of, folder: join(folder, 'parts', `${part}`), input };
        return jobOf('extract-part', `part ${part} of ${of}`, [input, part, of], task);
      }),
    );
  });
  const submission = submit(folder, of, slurm, [...call, '--parts', folder], PROGRAM);
  say(
    `Submitted ${plural(submission.workers, 'worker')} as job ${submission.arrays.join(', ')}; the corpus follows as job ${submission.after}.`,
  );
  print(`Their logs are in ${join(folder, 'jobs', 'slurm')}; ${options.out} is there when the last job has ended.`);
}

const PART_VIEW: JobView<PartTask> = { isDone, place: ({ folder }) => folder };

/** `extract --status`: how far the parts of a submitted extraction are, as its folder tells. @param now milliseconds since 1970. */
export function extractionStatus(out: string, now = Date.now()): Progress {
  const { jobs, attempts } = lookAtJobs(partsFolder(out), PART_VIEW)();
  return progressOf(jobs, attempts, now);
}

/** `extract --follow`: watches a submitted extraction until its corpus is there. @throws InputError where it is not, in the end. */
export async function followExtraction(out: string): Promise<void> {
  const folder = partsFolder(out);
  await followOnBoard('part', folder, PART_VIEW);
  if (isCorpusDirectory(out)) return print(`${out} is there.`);
  throw new InputError(
    `All jobs have ended, and ${out} is not there. Their logs are in ${join(folder, 'jobs', 'slurm')}.`,
  );
}

/** A manifest's content counts, a recording's own bytes are looked at when it is encoded. */
function decides(options: ExtractOptions): unknown {
  const text = /\.(jsonl|srt|vtt|csv)$/i.test(options.input) ? sha256(readFileSync(options.input)) : options.input;
  return [text, options.transcript, options.encoders, options.speakers, options.whole];
}
