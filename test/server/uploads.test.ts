import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Predictor, predictionLine } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { readRecording } from '../../src/prediction/node/recording.js';
import { childrenOf } from '../processes.js';
import { clip, recordedRun } from './recorded.js';
import { post, problem, type Served, serve, upload } from './served.js';

const [film, other] = [clip('d01_0'), clip('d01_1')].map((path) => ({
  path,
  bytes: new Uint8Array(readFileSync(path)),
}));
const face = { path: 'samples/faces/joy/p01.webp', bytes: new Uint8Array(readFileSync('samples/faces/joy/p01.webp')) };
const TRANSCRIPT =
  '1\n00:00:00,000 --> 00:00:01,000\nMaya: The post came\n\n2\n00:00:01,000 --> 00:00:02,000\nLeo: while you were out.\n';

let recorded: Awaited<ReturnType<typeof recordedRun>>;
let served: Served;
let model: Predictor;
beforeAll(async () => {
  recorded = await recordedRun();
  served = await serve({
    models: [{ name: 'run', model: recorded.run }],
    limits: { upload: 4_000_000, picture: 100_000, patience: 3000 },
  });
  model = await open(recorded.run, { threads: 1 });
}, 300_000);
afterAll(async () => {
  await served.close();
  await model.dispose();
  recorded.remove();
});

const ask = (parts: Record<string, string | Uint8Array>, path = '/v1/predict') =>
  served.app.request(path, upload(parts));
const predictions = async (response: Response) =>
  ((await response.json()) as { predictions: Record<string, unknown>[] }).predictions;

describe('an upload', () => {
  it('gives what the same files give the library', async () => {
    const times = { start: 0.2, end: 1.4 };
    const utterances = [
      { speaker: 'Maya', text: 'The post came.', video: { part: 'film', ...times } },
      { speaker: 'Leo', text: 'Anything for me?', audio: { part: 'other' }, face: { part: 'face' } },
      { speaker: 'Maya', text: 'No.' },
    ];
    const expected = await model.predict(
      [
        { speaker: 'Maya', text: 'The post came.', video: { file: film.path, ...times } },
        { speaker: 'Leo', text: 'Anything for me?', audio: other.path, face: face.path },
        { speaker: 'Maya', text: 'No.' },
      ],
      { unreadable: 'absent' },
    );
    const response = await ask({
      conversation: JSON.stringify({ dialogue: 'd', utterances }),
      film: film.bytes,
      other: other.bytes,
      face: face.bytes,
    });
    expect(response.status).toBe(200);
    const { about } = model;
    const lines = expected.map((answer, index) =>
      predictionLine(
        { dialogue: 'd', index, speaker: utterances[index].speaker, text: utterances[index].text },
        answer,
        about,
      ),
    );
    expect(await predictions(response)).toEqual(JSON.parse(JSON.stringify(lines)));
    expect(Object.keys(lines[0].modalities)).toEqual(['text', 'audio', 'visual']);
    expect(served.uploads()).toEqual([]);
  });

  it('of a recording and its transcript is cut as the transcript says', async () => {
    for (const transcript of [TRANSCRIPT, new TextEncoder().encode(TRANSCRIPT)]) {
      const response = await ask({ recording: film.bytes, transcript, dialogue: 'post' });
      const [first, second] = await predictions(response);
      expect(first).toMatchObject({
        dialogue: 'post',
        index: 0,
        speaker: 'Maya',
        text: 'The post came',
        start: 0,
        end: 1,
      });
      expect(second).toMatchObject({ speaker: 'Leo', start: 1, end: 2 });
      expect(Object.keys(first.modalities as object)).toContain('audio');
    }
    const words = await predictions(await ask({ transcript: TRANSCRIPT }));
    expect(words.map(({ modalities }) => Object.keys(modalities as object))).toEqual([['text'], ['text']]);
  });

  it('of a recording alone is heard', async () => {
    const response = await ask({ recording: film.bytes, speakers: 'Maya' });
    const body = (await response.json()) as { predictions: Record<string, unknown>[]; notes: string[] };
    const heard = await readRecording(film.path, { speakers: ['Maya'], cache: recorded.root });
    const answers = await model.predict(heard.utterances, { unreadable: 'absent' });
    const lines = answers.map((answer, i) =>
      predictionLine({ ...heard.places[i], dialogue: 'conversation' }, answer, model.about),
    );
    expect(body.predictions).toEqual(JSON.parse(JSON.stringify(lines)));
    expect(body.predictions[0]).toMatchObject({
      text: 'The post came while you were out.',
      estimated: ['speaker', 'text'],
    });
    expect(body.notes.join()).toContain('estimated');
    expect(body.notes.join()).not.toContain('vega-serve');
    expect(served.uploads()).toEqual([]);
  });

  it('is said in a conversation that goes on', async () => {
    const { id } = (await (await served.app.request('/v1/conversations', post({}))).json()) as { id: string };
    const path = `/v1/conversations/${id}/utterances`;
    const utterance = { speaker: 'Maya', text: 'The post came.', video: { part: 'film' } };
    const live = model.live();
    const { index, ...answer } = await live.say({ ...utterance, video: film.path }, { unreadable: 'absent' });
    const line = predictionLine(
      { dialogue: 'conversation', index, speaker: 'Maya', text: 'The post came.' },
      answer,
      model.about,
    );
    const response = await ask({ utterance: JSON.stringify(utterance), film: film.bytes }, path);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(line)));
    const next = await served.app.request(path, post({ text: 'Well?', index: 1 }));
    expect(next.status).toBe(200);
    expect(await problem(await ask({ utterance: JSON.stringify(utterance) }, path))).toMatchObject({
      status: 422,
      detail: expect.stringContaining('which the upload has not'),
    });
    expect(await problem(await ask({ film: film.bytes }, path))).toMatchObject({ status: 400 });
  });

  it('says what could not be read of it, and where it lies to nobody', async () => {
    const half = film.bytes.slice(0, 3000);
    const noise = Uint8Array.from({ length: 5000 }, (_, i) =>
      i < 12 ? new TextEncoder().encode('RIFF\0\0\0\0WEBP')[i] : (i * 31) % 251,
    );
    const utterances = [
      { text: 'a', video: { part: 'half' } },
      { text: 'b', face: { part: 'noise' } },
    ];
    const response = await ask({ conversation: JSON.stringify({ utterances }), half, noise });
    const answers = await predictions(response);
    const missing = answers.map((one) => one.missing as Record<string, string>);
    expect(missing[0].audio).toMatch(/cut short|damaged/);
    expect(missing[1].visual).toMatch(/cannot be read/);
    expect(JSON.stringify(answers)).not.toMatch(/tmp|uploads/);
  });

  const one = (media: object, text = 'a') => JSON.stringify({ utterances: [{ text, ...media }] });
  it.each<[string, Record<string, string | Uint8Array>, number, string]>([
    ['nothing', {}, 400, 'neither a conversation nor a recording'],
    [
      'a file of no kind',
      { recording: new TextEncoder().encode('hello there, this is text') },
      415,
      'of no kind that is taken',
    ],
    ['an empty file', { recording: new Uint8Array(0) }, 415, 'of no kind that is taken'],
    ['a list of files', { recording: new TextEncoder().encode('#EXTM3U\nfile:///etc/passwd\n') }, 415, 'of no kind'],
    [
      'a vector drawing',
      { recording: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>') },
      415,
      'of no kind',
    ],
    ['a picture as a recording', { recording: face.bytes }, 422, 'is a picture'],
    ['a film as a face', { conversation: one({ face: { part: 'f' } }), f: film.bytes }, 422, 'which is no picture'],
    ['a picture as a voice', { conversation: one({ audio: { part: 'f' } }), f: face.bytes }, 422, 'which is a picture'],
    ['a part that nothing uses', { conversation: one({}), f: film.bytes }, 422, 'Nothing uses the part "f"'],
    ['a part that is not there', { conversation: one({ audio: { part: 'f' } }) }, 422, 'which the upload has not'],
    [
      'a part that is no file',
      { conversation: one({ audio: { part: 'f' } }), f: 'x' },
      422,
      'which the upload has not',
    ],
    [
      'times the wrong way round',
      { conversation: one({ audio: { part: 'f', start: 2, end: 1 } }), f: film.bytes },
      422,
      'not after its start',
    ],
    ['a path', { conversation: one({ audio: '/etc/passwd' }) }, 400, 'the server opens no file'],
    [
      'a part with a path for its name',
      { conversation: one({ audio: { part: '../../etc/passwd' } }), f: film.bytes },
      422,
      'Nothing uses',
    ],
    ['a conversation that is no JSON', { conversation: '{' }, 400, 'The part "conversation" is not JSON'],
    ['a transcript without cues', { transcript: 'hello' }, 422, 'transcript.srt holds no cue'],
    ['speakers beyond reason', { recording: film.bytes, speakers: '1000' }, 422, '"speakers" must be'],
    ['speakers of a transcript', { transcript: TRANSCRIPT, speakers: '2' }, 422, 'without a transcript'],
    [
      'a large picture',
      {
        conversation: one({ face: { part: 'f' } }),
        f: Uint8Array.from({ length: 200_000 }, (_, i) => face.bytes[i] ?? 0),
      },
      413,
      'larger than is taken',
    ],
  ])('is refused with %s', async (_, parts, status, detail) => {
    const refusal = await problem(await ask(parts));
    expect(refusal).toMatchObject({ status, detail: expect.stringContaining(detail) });
    expect(refusal.detail).not.toMatch(/vega-serve|server-/);
    expect(served.uploads()).toEqual([]);
  });

  it('is refused where it is malformed, or too large by its bytes', async () => {
    const send = (body: BodyInit, type = 'multipart/form-data; boundary=x', more: object = {}) =>
      served.app.request('/v1/predict', {
        method: 'POST',
        body,
        headers: { 'content-type': type },
        ...more,
      } as RequestInit);
    expect(await problem(await send('--x\r\n'))).toMatchObject({ status: 400 });
    expect(await problem(await send('hello'))).toMatchObject({ status: 400 });
    expect(await problem(await send('--x\r\n', 'multipart/form-data'))).toMatchObject({ status: 400 });
    const twice = '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\na\r\n'.repeat(2);
    expect(await problem(await send(`${twice}--x--\r\n`))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('two parts'),
    });
    for (const nameless of [
      'x: y\r\n',
      'content-disposition: form-data\r\n',
      'content-disposition: form-data; filename="a"\r\n',
    ])
      expect(await problem(await send(`--x\r\n${nameless}\r\na\r\n--x--\r\n`))).toMatchObject({ status: 400 });
    // At which the parser stands still.
    const heavy = `{"model":"run","dialogue":"${'a'.repeat(19_300)}"}`;
    const still = `--x\r\nG8n @I\r\n\r\n${heavy}\r\n--x\r\n-M"Wg(\r\n\r\na\r\n--x\r\ncontent-disposition: form-data; name="film"\r\n\r\n1\r\n--x--\r\n`;
    expect(await problem(await send(still))).toMatchObject({ status: 400 });
    const many = Array.from(
      { length: 300 },
      (_, i) => `--x\r\ncontent-disposition: form-data; name="p${i}"\r\n\r\na\r\n`,
    );
    expect(await problem(await send(`${many.join('')}--x--\r\n`))).toMatchObject({ status: 413 });
    let sent = 0;
    const endless = new ReadableStream({
      start: (controller) =>
        controller.enqueue(
          new TextEncoder().encode(
            '--x\r\ncontent-disposition: form-data; name="recording"; filename="a"\r\n\r\nRIFF\0\0\0\0WAVE',
          ),
        ),
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    expect(await problem(await send(endless, undefined, { duplex: 'half' }))).toMatchObject({ status: 413 });
    expect(sent).toBeLessThan(8_000_000);
    expect(served.uploads()).toEqual([]);
  });

  it('waits for no place, and gives its own back', async () => {
    const { service } = served;
    const leave = Array.from({ length: service.limits.uploads }, () => service.media.enter());
    const refusal = await problem(await ask({ transcript: TRANSCRIPT }));
    expect(refusal).toMatchObject({ status: 503, retry: '5' });
    for (const one of leave) one();
    expect((await ask({ transcript: TRANSCRIPT })).status).toBe(200);
    expect(service.media.busy).toBe(0);
  });

  it('leaves nothing when its client goes, or its process is killed', async () => {
    const gone = new AbortController();
    const asking = served.app.request('/v1/predict', { ...upload({ recording: film.bytes }), signal: gone.signal });
    while (served.uploads().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.abort();
    await Promise.resolve(asking).catch(() => undefined);
    expect(served.uploads()).toEqual([]);
    // Started anew by the next.
    const killed = ask({ recording: film.bytes });
    for (;;) {
      const child = childrenOf(process.pid).find(({ args }) => args.includes('media/task'));
      if (child !== undefined && served.uploads().length > 1) {
        process.kill(child.pid, 'SIGKILL');
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const response = await killed;
    if (response.status !== 200) expect(await problem(response)).toMatchObject({ status: 422 });
    expect(served.uploads()).toEqual([]);
    expect((await ask({ recording: film.bytes })).status).toBe(200);
  });
});
