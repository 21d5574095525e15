import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open, readRecording } from '../../../src/index.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import {
  count,
  launch,
  type StartedStudio,
  startStudio,
  trainReaders,
  violations,
  type Watched,
  watch,
} from './studio.js';

const path = temporaryDirectory();
/** One of test, one of valid, the others of train. */
const DIALOGUES = ['d01', 'd02', 'd03', 'd04', 'd05', 'd06', 'd07', 'd08'];
const CLIP = 'samples/media/d05_3.webm';
const TRANSCRIPT = `WEBVTT

00:00.100 --> 00:01.200
<v Leo>I scraped the gate.

00:01.300 --> 00:02.600
<v Sam>You did what?
`;

const confidences = ({ page }: Watched, within = '.transcript .answer > data'): Promise<number[]> =>
  page.locator(within).evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));

describe('the studio with its local server', () => {
  let browser: Browser;
  let started: StartedStudio;
  let studio: Watched;

  beforeAll(async () => {
    trainReaders(path, { voices: [], causal: ['context=causal'] }, { dialogues: DIALOGUES, audio: 'functionals' });
    writeFileSync(path('talk.vtt'), TRANSCRIPT);
    started = await startStudio([path('voices'), path('causal')], path('asked.txt'));
    browser = await launch();
    studio = await watch(browser, started.address);
    await studio.page.waitForSelector('.masthead option', { state: 'attached' });
  });
  afterAll(async () => {
    await browser?.close();
    await started?.stop();
  });

  it('reads a recording with its transcript, and says of it what the library says', async () => {
    const { page } = studio;
    await page.setInputFiles('.bar input[type=file]', [CLIP, path('talk.vtt')]);
    await page.locator('.transcript .answer > data').first().waitFor({ timeout: 90_000 });
    await count(page, '.transcript .answer > data', 2);
    const { utterances } = await readRecording(CLIP, { transcript: path('talk.vtt') });
    await using model = await open(path('voices'), { threads: 1 });
    const wanted = await model.predict(utterances);
    expect(Object.keys(wanted[0].evidence.shares)).toContain('audio');
    const got = await confidences(studio);
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(wanted[i].confidence, 3);
  });

  it('plays it in step with the timeline', async () => {
    const { page } = studio;
    await page.waitForSelector('video.player');
    await page.click('.slot >> nth=1');
    const at = () => page.locator('video.player').evaluate((video) => (video as HTMLVideoElement).currentTime);
    await expect.poll(at).toBeCloseTo(1.3, 1);
    expect(await page.locator('.playhead').count()).toBe(1);
    await page.click('.slot >> nth=0');
    await page.locator('video.player').evaluate((video) => {
      (video as HTMLVideoElement).muted = true;
      return (video as HTMLVideoElement).play();
    });
    await expect.poll(() => page.getAttribute('.slot >> nth=1', 'aria-pressed'), { timeout: 20_000 }).toBe('true');
  });

  it('says what would change without the voice', async () => {
    const { page } = studio;
    await page.click('#tab-whatIf');
    await page.uncheck('.whatif fieldset >> text=voice');
    await page.waitForSelector('.changes tbody tr');
    await using model = await open(path('voices'), { threads: 1 });
    const wanted = await model.predict([
      { speaker: 'Leo', text: 'I scraped the gate.' },
      { speaker: 'Sam', text: 'You did what?' },
    ]);
    const shown = () =>
      page
        .locator('.changes tbody tr')
        .evaluateAll((rows) =>
          rows
            .map((row) => `${row.querySelector('th')?.textContent}: ${row.querySelectorAll('td')[1]?.textContent}`)
            .sort(),
        );
    await expect
      .poll(shown)
      .toEqual(wanted.map(({ emotion, confidence }, i) => `${i + 1}: ${emotion} ${Math.round(100 * confidence)} %`));
    await page.click('text=As it was');
  });

  it('listens only after a start, shows it, and stops', async () => {
    const { page } = studio;
    await page.click('text=Clear');
    await page.click('text=Listen (microphone)');
    await page.waitForSelector('.live .dot');
    expect(await page.textContent('.live')).toContain('The microphone is on');
    expect(await violations(page)).toEqual([]);
    await page.locator('.transcript .line').first().waitFor({ timeout: 120_000 });
    await page.click('.live >> text=Stop');
    await count(page, '.live', 0);
  });

  it('takes pictures for a class: zero-shot', async () => {
    const { page } = studio;
    await page.click('text=An example');
    await count(page, '.transcript .answer > data', 9);
    await page.click('#tab-whatIf');
    await page.click('.exchange summary');
    const files = ['p01.webp', 'p02.webp'].map((name) => join('samples/faces/joy', name));
    await page.setInputFiles('.class >> nth=0 >> input[type=file]', files);
    await page.waitForSelector('.changes tbody tr', { timeout: 60_000 });
    expect(await page.textContent('.class >> nth=0')).toContain('2 faces');
    await page.click('text=As it was');
    await page.click('#tab-utterance');
  });

  it('compares two models: mistakes first, and confusion', async () => {
    const { page } = studio;
    const said = [
      { speaker: 'Ann', text: 'I love it, how wonderful!', label: 'joy' },
      { speaker: 'Bo', text: 'I hate you, go away!', label: 'anger' },
      { speaker: 'Ann', text: 'It is on the table.', label: 'neutral' },
    ];
    await page.click('text=Paste a conversation');
    await page.fill('dialog[open] textarea', said.map((one) => JSON.stringify(one)).join('\n'));
    await page.click('dialog[open] .primary');
    await page.click('nav >> text=Compare');
    await page.selectOption('main .bar select', 'causal');
    await count(page, '.lanes', 2);
    const rows = () => page.locator('.ranked tbody tr').evaluateAll((all) => all.map((row) => row.textContent ?? ''));
    await expect
      .poll(async () => (await rows()).every((text) => (text.match(/%/g) ?? []).length === 2), { timeout: 30_000 })
      .toBe(true);
    const conversation = said.map(({ speaker, text }) => ({ speaker, text }));
    for (const [i, name] of ['voices', 'causal'].entries()) {
      await using model = await open(path(name), { threads: 1 });
      const wanted = await model.predict(conversation);
      const right = wanted.filter(({ emotion }, u) => emotion === said[u].label).length;
      expect(await page.textContent('.part .note')).toContain(`${name} (sample): ${right} of 3 right.`);
      const column = await page
        .locator(`.ranked tbody tr td:nth-of-type(${3 + i}) data`)
        .evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));
      const order = (await page.locator('.ranked tbody th').allTextContents()).map((number) => Number(number) - 1);
      for (const [r, u] of order.entries()) expect(column[r]).toBeCloseTo(wanted[u].confidence, 3);
      const total = await page
        .locator(`.confusion >> nth=${i}`)
        .locator('button')
        .evaluateAll((all) => all.reduce((sum, one) => sum + Number(one.textContent), 0));
      expect(total).toBe(3);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), colorScheme).toEqual([]);
    }
  });

  it('refuses who has not its token, and other names', async () => {
    const form = new FormData();
    form.append('encoder', 'face-expression');
    const refused = await fetch(`${started.address}/studio/faces`, { method: 'POST', body: form });
    expect(refused.status).toBe(401);
    const outside = await fetch(`${started.address}/models/voices/..%2F..%2Fmanifest.jsonl`);
    expect(outside.status).toBe(404);
    const other = await fetch(`${started.address}/models/voices/metrics.jsonl`);
    expect(other.status).toBe(404);
  });

  it('asks nobody else, neither page nor server, and ends when it is told', async () => {
    const asked = studio.requests.filter((url) => !/^(data|blob):/.test(url)).map((url) => new URL(url).origin);
    expect([...new Set(asked)]).toEqual([started.address]);
    expect(studio.errors).toEqual([]);
    expect(await started.stop()).toBe(0);
    const lines = started.asked();
    // Its own process and those that read and predict were listened to.
    expect(lines.filter((line) => line === 'listening').length).toBeGreaterThan(2);
    expect(lines.filter((line) => !/^listening$|^(connect|dns) (127\.0\.0\.1|localhost|::1)/.test(line))).toEqual([]);
  });
});
