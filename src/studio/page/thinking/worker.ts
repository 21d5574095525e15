/** Everything that takes time, away from the page: models and the sentence encoder; maps are made in another worker. */
import './wake.js';
import { expose, type Remote, wrap } from 'comlink';
import { buildBank } from '../../../anchors/bank.js';
import { moveBank } from '../../../anchors/move.js';
import { row } from '../../../anchors/rows.js';
import { sameEncoder } from '../../../corpus/encoder.js';
import { SENTENCE_PACKAGE } from '../../../encoders/text/sentenceNetwork.js';
import { type AnchorBank, type Encoders, filesAt, type Predictor, type RunFiles } from '../../../entries/web.js';
import { webEngine } from '../../../graph/web.js';
import { parseSafetensors } from '../../../interchange/safetensors.js';
import { openRun } from '../../../prediction/open.js';
import { sentenceEncoders } from '../../../prediction/sentence.js';
import { anchorSpaceIn } from '../../../run/anchorSpace.js';
import { RUN_FILES, type RunConfig } from '../../../run/format.js';
import { type CorpusAnswers, predictCorpus } from './corpus.js';
import type { Mapper } from './mapper.js';
import { pictureUrl } from './pictures.js';
import type { Answer, Device, FaceClass, MapInfo, ModelInfo, Said } from './types.js';

/** Texts whose rows are kept: what was typed so far need not be read again at the next letter. */
const KEPT = 2000;

const SENTENCE = [{ encoder: 'sentence', package: SENTENCE_PACKAGE }];

interface Open {
  predictor: Predictor;
  run: RunConfig;
  map?: Promise<MapInfo | undefined>;
}

const open = new Map<string, Open>();
const files = new Map<string, RunFiles>();
const encoders = new Map<string, Encoders>();

/** A file once fetched stays: a model is opened again with other faces. */
function kept(address: string): RunFiles {
  const known = files.get(address);
  if (known !== undefined) return known;
  const fetched = new Map<string, Promise<Uint8Array>>();
  const take = filesAt(address);
  const made: RunFiles = (name) => {
    const bytes = fetched.get(name) ?? take(name);
    fetched.set(name, bytes);
    bytes.catch(() => fetched.delete(name));
    return bytes;
  };
  files.set(address, made);
  return made;
}

/** The sentence encoder, once for all models, with the rows of the texts that it has read. */
function reading(address: string): Encoders {
  const known = encoders.get(address);
  if (known !== undefined) return known;
  const inner = sentenceEncoders(filesAt(address), webEngine());
  const opened = new Map<string, ReturnType<Encoders['open']>>();
  const rows = new Map<string, Float32Array>();
  const made: Encoders = {
    async open(modality, parts) {
      const key = sameEncoder({ parts }, { parts: SENTENCE }) ? modality : JSON.stringify([modality, parts]);
      const opening = opened.get(key) ?? inner.open(modality, parts);
      opened.set(key, opening);
      opening.catch(() => opened.delete(key));
      const encoder = await opening;
      return {
        async encode(inputs, options) {
          const texts = inputs.map((input) => ('text' in input ? input.text : ''));
          const fresh = [...new Set(texts)].filter((text) => !rows.has(text));
          if (rows.size + fresh.length > KEPT) rows.clear();
          const wanted = [...new Set(texts)].filter((text) => !rows.has(text));
          const read = await encoder.encode(
            wanted.map((text) => ({ text })),
            options,
          );
          for (const [i, outcome] of read.entries()) if ('row' in outcome) rows.set(wanted[i], outcome.row);
          return texts.map((text) => ({ row: rows.get(text) as Float32Array }));
        },
        dispose: async () => undefined,
      };
    },
  };
  encoders.set(address, made);
  // Fetched while the model is: the first answer needs both.
  void made.open('text', SENTENCE).catch(() => undefined);
  return made;
}

function predictorOf(key: string): Open {
  const found = open.get(key);
  if (found === undefined) throw new Error(`The model ${key} is not open.`);
  return found;
}

function facesOf(bank: AnchorBank | undefined): ModelInfo['faces'] {
  if (bank === undefined || bank.exemplars.every((rows) => rows.length === 0)) return undefined;
  return {
    encoder: bank.encoder,
    classes: bank.classes.map((name, c) => ({
      name,
      exemplars: Array.from({ length: bank.exemplars[c].length / bank.dim }, (_, e) => ({
        name: bank.sources?.[c]?.[e]?.name,
        picture: pictureUrl(bank.thumbnails?.[c]?.[e]),
      })),
    })),
  };
}

/** The classes that faces were given for, out of the model's own exemplars and of rows that were made elsewhere. */
function bankOf(own: AnchorBank, classes: readonly FaceClass[]): AnchorBank {
  return buildBank(
    classes.map(({ name, own: refs, given }) => ({
      name,
      embeddings: Float32Array.from([
        ...refs.flatMap(({ class: c, index }) => [...row(own.exemplars[c], own.dim, index)]),
        ...given.flatMap(({ row: values }) => values),
      ]),
      sources: [
        ...refs.map(
          ({ class: c, index }) => own.sources?.[c]?.[index] ?? { name: `${own.classes[c]} ${index + 1}`, hash: '' },
        ),
        ...given.map((face) => ({ name: face.name, hash: '' })),
      ],
      thumbnails: [
        ...refs.map(({ class: c, index }) => own.thumbnails?.[c]?.[index]),
        ...given.map(({ picture }) => bytesOf(picture)),
      ],
    })),
    own.dim,
    own.encoder,
  );
}

/** Rows that an image encoder made, where the model compares: its own exemplars lie there already. */
async function movedAs(
  { training }: RunConfig,
  { dim }: AnchorBank,
  address: string,
  classes: readonly FaceClass[],
): Promise<readonly FaceClass[]> {
  if (training.anchorSpace === 'raw' || classes.every(({ given }) => given.length === 0)) return classes;
  const file = parseSafetensors(await kept(address)(RUN_FILES.anchorSpace), RUN_FILES.anchorSpace);
  const space = anchorSpaceIn(file.tensors, dim, RUN_FILES.anchorSpace);
  return classes.map((one) => {
    if (one.given.length === 0) return one;
    const rows = Float32Array.from(one.given.flatMap((face) => face.row));
    const bank = { classes: [one.name], dim, centres: new Float32Array(dim), exemplars: [rows], hash: '' };
    const [exemplars] = moveBank(bank, space).exemplars;
    return { ...one, given: one.given.map((face, i) => ({ ...face, row: [...row(exemplars, dim, i)] })) };
  });
}

function bytesOf(dataUrl: string): Uint8Array | undefined {
  const base64 = /^data:image\/jpeg;base64,(.*)$/.exec(dataUrl)?.[1];
  return base64 === undefined ? undefined : Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

const thinker = {
  /**
   * Opens a model under a key.
   * @param names of the files that opening it takes; @param words address of the sentence encoder's files, where the page
   * has them.
   */
  async open(
    key: string,
    address: string,
    names: readonly string[],
    words: string | undefined,
    device: Device,
  ): Promise<ModelInfo> {
    const found = open.get(key);
    // All at once: each tells of the next only when it has come.
    if (found === undefined) for (const name of names) void kept(address)(name).catch(() => undefined);
    const parts = { engine: webEngine({ device }), ...(words !== undefined && { encoders: reading(words) }) };
    const { predictor, run } = found ?? (await openRun(kept(address), parts));
    if (found === undefined) open.set(key, { predictor, run });
    const { classes, about, inputs, bank } = predictor;
    return { classes, about, inputs, faces: facesOf(bank) };
  },

  /** The same model with other faces for its classes: zero-shot. @param of the key of the model as it is. */
  async exchange(
    key: string,
    of: string,
    address: string,
    words: string | undefined,
    device: Device,
    classes: readonly FaceClass[],
  ): Promise<ModelInfo> {
    const { predictor: own, run } = predictorOf(of);
    const { bank } = own;
    if (bank === undefined) throw new Error('Only a model with faces has faces to exchange.');
    await thinker.close(key);
    const moved = await movedAs(run, bank, address, classes);
    const { predictor } = await openRun(kept(address), {
      engine: webEngine({ device }),
      ...(words !== undefined && { encoders: reading(words) }),
      faces: () => ({ bank: bankOf(bank, moved), moved: true }),
    });
    open.set(key, { predictor, run });
    return {
      classes: predictor.classes,
      about: predictor.about,
      inputs: predictor.inputs,
      faces: facesOf(predictor.bank),
    };
  },

  async close(key: string): Promise<void> {
    const found = open.get(key);
    open.delete(key);
    await found?.predictor.dispose();
  },

  async predict(key: string, conversation: readonly Said[]): Promise<Answer[]> {
    const answers = await predictorOf(key).predictor.predict(conversation);
    return answers.map(({ evidence: { exemplars, ...evidence }, ...answer }) => ({
      ...answer,
      evidence: {
        ...evidence,
        ...(exemplars && {
          exemplars: exemplars.map(({ thumbnail, ...one }) => ({ ...one, picture: pictureUrl(thumbnail) })),
        }),
      },
    }));
  },

  /**
   * The utterances of a corpus that the local server holds, as far as they fit, with their answers.
   * @param address of the corpus's files; @param token that the server asks for.
   */
  async corpus(key: string, address: string, token: string): Promise<CorpusAnswers> {
    return predictCorpus(predictorOf(key), address, token);
  },

  /** The map of the model's faces; undefined where it has too few. */
  async map(key: string): Promise<MapInfo | undefined> {
    const found = predictorOf(key);
    found.map ??= mapOf(key, found.predictor.bank);
    return found.map;
  },

  /** Where the utterances of a conversation lie on that map. */
  async places(key: string, conversation: readonly Said[]): Promise<{ x: number; y: number }[]> {
    const found = predictorOf(key);
    const { bank } = found.predictor;
    if (bank === undefined || (await thinker.map(key)) === undefined) return [];
    const { anchored } = await found.predictor.outputs([conversation]);
    return anchored === undefined ? [] : mapper().project(key, anchored, bank.dim);
  },
};

let mapping: Remote<Mapper> | undefined;

/** The worker of maps, from the first map on. */
function mapper(): Remote<Mapper> {
  mapping ??= wrap<Mapper>(new Worker(new URL('./mapper.ts', import.meta.url), { type: 'module' }));
  return mapping;
}

async function mapOf(key: string, bank: AnchorBank | undefined): Promise<MapInfo | undefined> {
  if (bank === undefined) return undefined;
  const { classes, dim, exemplars, centres } = bank;
  return mapper().make(key, { classes, dim, exemplars, centres });
}

export type Thinker = typeof thinker;
expose(thinker);
