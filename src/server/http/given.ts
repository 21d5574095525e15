import type { Context } from 'hono';
import { InputError } from '../../base/errors.js';
import { quote } from '../../base/words.js';
import { checkConversation } from '../../prediction/check.js';
import type { ModelInputs } from '../../prediction/index.js';
import type { FilePart, MediaTask, UtteranceFiles } from '../media/task.js';
import { readUpload, type Upload } from '../media/upload.js';
import { modelOf, type Service } from '../service.js';
import type { HeardUtterance, ModelInfo, ServedModel } from '../work/tasks.js';
import { readWhole, requireType } from './body.js';
import { type PartOf, parseConversation, parseNext, type SaidUtterance } from './parse.js';
import { Problem } from './problems.js';

const JSON_TYPE = 'application/json';
const UPLOAD_TYPE = 'multipart/form-data';
/** What the answers call a conversation that was given no name. */
export const DIALOGUE = 'conversation';

/** A conversation as it goes to a model. */
export interface GivenConversation {
  served: ServedModel;
  heard: HeardUtterance[];
  notes: string[];
}

/** Reads what POST /v1/predict is given; media are decoded meanwhile. */
export async function givenConversation(c: Context, service: Service): Promise<GivenConversation> {
  const request = c.req.raw;
  if (requireType(request, JSON_TYPE, UPLOAD_TYPE) === JSON_TYPE) {
    const {
      model,
      dialogue = DIALOGUE,
      utterances,
    } = await wellFormed(async () => service.parser.conversation(await body(request, service)));
    const { served, info } = modelOf(service, model);
    return { served, heard: withoutMedia(utterances, dialogue, info.inputs), notes: [] };
  }
  return withUpload(request, service, async (upload) => {
    const { fields, files } = upload;
    const conversation = fields.get('conversation');
    const said =
      conversation === undefined
        ? undefined
        : await wellFormed(async () => parseConversation(conversation, 'The part "conversation"'));
    const { served, info } = modelOf(service, said?.model ?? fields.get('model'));
    const dialogue = said?.dialogue ?? nameOf(fields.get('dialogue')) ?? DIALOGUE;
    const { inputs } = info;
    if (said === undefined) {
      refuseUnused(upload, ['model', 'dialogue', 'speakers', 'recording', 'transcript']);
      return { served, ...(await decode(c, service, recordingTask(upload, info, dialogue))) };
    }
    refuseUnused(upload, ['conversation', 'model', 'dialogue', ...said.utterances.flatMap(partsOf)]);
    const utterances = said.utterances.map((one, index) => filesOf(one, index, dialogue, upload));
    check(said.utterances, inputs);
    if (files.size === 0) return { served, heard: withoutMedia(said.utterances, dialogue, inputs), notes: [] };
    return { served, ...(await decode(c, service, { kind: 'utterances', inputs, folder: upload.folder, utterances })) };
  });
}

/** Reads what is said next in a conversation that goes on. */
export async function givenUtterance(
  c: Context,
  service: Service,
  { info, dialogue }: { info: ModelInfo; dialogue: string },
): Promise<{ heard: HeardUtterance; index?: number }> {
  const request = c.req.raw;
  const { inputs } = info;
  if (requireType(request, JSON_TYPE, UPLOAD_TYPE) === JSON_TYPE) {
    const said = await wellFormed(async () => service.parser.next(await body(request, service)));
    return { heard: withoutMedia([said], dialogue, inputs)[0], index: said.index };
  }
  return withUpload(request, service, async (upload) => {
    const json = upload.fields.get('utterance');
    if (json === undefined)
      throw new Problem('invalid', 'The upload has no part "utterance", which says what is said.');
    const said = await wellFormed(async () => parseNext(json, 'The part "utterance"'));
    refuseUnused(upload, ['utterance', ...partsOf(said)]);
    const utterance = filesOf(said, 0, dialogue, upload);
    check([said], inputs);
    if (upload.files.size === 0) return { heard: withoutMedia([said], dialogue, inputs)[0], index: said.index };
    const task: MediaTask = { kind: 'utterances', inputs, folder: upload.folder, utterances: [utterance] };
    const { heard } = await decode(c, service, task);
    return { heard: heard[0], index: said.index };
  });
}

/** @throws Problem where the body is not what the schema wants; what a model refuses is another matter. */
export async function wellFormed<T>(parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (error instanceof InputError) throw new Problem('invalid', error.message);
    throw error;
  }
}

function body(request: Request, { limits, budget }: Service): Promise<Uint8Array> {
  return readWhole(request, { most: limits.json, patience: limits.patience }, budget);
}

/** An upload lasts as long as its use, whatever becomes of it. */
async function withUpload<T>(request: Request, service: Service, use: (upload: Upload) => Promise<T>): Promise<T> {
  const leave = service.media.enter();
  try {
    const upload = await readUpload(request, service.uploads, service.limits);
    try {
      return await use(upload);
    } finally {
      await upload.remove();
    }
  } finally {
    leave();
  }
}

async function decode(
  c: Context,
  { media }: Service,
  task: MediaTask,
): Promise<{ heard: HeardUtterance[]; notes: string[] }> {
  return media.read(task, c.req.raw.signal);
}

/** @throws Problem where an utterance names parts, which there are only in uploads. */
function withoutMedia(utterances: readonly SaidUtterance[], dialogue: string, inputs: ModelInputs): HeardUtterance[] {
  for (const [i, { media }] of utterances.entries()) {
    const [field] = Object.keys(media);
    if (field !== undefined)
      throw new Problem(
        'refused',
        `utterances[${i}].${field} names a part of an upload, but there is none: send it as multipart/form-data.`,
      );
  }
  check(utterances, inputs);
  return utterances.map(({ words, place }, index) => ({ utterance: words, place: { dialogue, index, ...place } }));
}

const check = (utterances: readonly SaidUtterance[], inputs: ModelInputs) =>
  checkConversation(
    utterances.map(({ words }) => words),
    inputs,
    'utterances',
  );

const partsOf = ({ media }: SaidUtterance): string[] => Object.values(media).map(({ part }) => part);

function filesOf(
  { words, media, place }: SaidUtterance,
  index: number,
  dialogue: string,
  { files }: Upload,
): UtteranceFiles {
  const fileOf = (field: keyof typeof media): FilePart | undefined => {
    const named = media[field];
    if (named === undefined) return undefined;
    const where = `utterances[${index}].${field}`;
    const { part, ...times } = named as PartOf;
    const file = files.get(part);
    if (file === undefined)
      throw new Problem('refused', `${where} names the part ${quote(part)}, which the upload has not as a file.`);
    if ((field === 'face') !== (file.kind === 'picture'))
      throw new Problem(
        'refused',
        `${where} names the part ${quote(part)}, which is ${file.kind === 'picture' ? 'a picture' : 'no picture'}.`,
      );
    if (times.end !== undefined && times.end <= (times.start ?? 0))
      throw new Problem('refused', `${where} ends at ${times.end} s, not after its start at ${times.start ?? 0} s.`);
    return { path: file.path, ...times };
  };
  if (media.audio !== undefined && words.features?.audio !== undefined)
    throw new Problem('refused', `utterances[${index}] has both audio and features.audio; give one of them.`);
  if (media.face !== undefined && words.features?.visual !== undefined)
    throw new Problem('refused', `utterances[${index}] has both face and features.visual; give one of them.`);
  return {
    words,
    place: { dialogue, index, ...place },
    audio: fileOf('audio'),
    face: fileOf('face'),
    video: fileOf('video'),
  };
}

function recordingTask({ folder, fields, files }: Upload, { inputs }: ModelInfo, dialogue: string): MediaTask {
  const [recording, transcript] = [files.get('recording'), files.get('transcript')];
  if (recording === undefined && transcript === undefined)
    throw new Problem('invalid', 'The upload has neither a conversation nor a recording or transcript as a file.');
  if (recording?.kind === 'picture')
    throw new Problem('refused', 'The recording is a picture; it must be sound or a film.');
  return {
    kind: 'recording',
    inputs,
    folder,
    dialogue,
    recording: recording?.path,
    transcript: transcript?.path,
    speakers: speakersOf(fields.get('speakers')),
  };
}

/** "2", or "Ann, Bo". */
function speakersOf(text: string | undefined): number | string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const names = text.split(',').map((one) => one.trim());
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 20) return count;
  if (Number.isFinite(count) || names.includes('') || names.length > 20)
    throw new Problem('refused', 'The part "speakers" must be a number from 1 to 20, or names with commas between.');
  return names;
}

function nameOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length > 200) throw new Problem('refused', 'The part "dialogue" must have at most 200 characters.');
  return text;
}

/** What is not used was meant for something. */
function refuseUnused({ fields, files }: Upload, used: readonly string[]): void {
  const unused = [...fields.keys(), ...files.keys()].find((name) => !used.includes(name));
  if (unused !== undefined) throw new Problem('refused', `Nothing uses the part ${quote(unused)} of the upload.`);
}
