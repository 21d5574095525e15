import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { writeCamera, writeMicrophone } from './capture.js';
import { count, launch, type StartedStudio, startStudio, violations, type Watched, watch } from './studio.js';

const path = temporaryDirectory();
const SAID = 'samples/media/d05_4.webm'; // "I told you not to touch it! I told you twice!"

/** Runs before the page: notes what it asks of the devices. */
function noteStreams(): void {
  const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const streams: MediaStream[] = [];
  Object.assign(globalThis, { streams });
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await own(wanted);
    streams.push(stream);
    return stream;
  };
}

/** The kinds and states of all tracks that the page was ever given. */
const tracks = ({ page }: Watched): Promise<string[]> =>
  page.evaluate(() =>
    (globalThis as unknown as { streams: MediaStream[] }).streams.flatMap((stream) =>
      stream.getTracks().map(({ kind, readyState }) => `${kind} ${readyState}`),
    ),
  );

describe('microphone and camera', () => {
  let browser: Browser;
  let started: StartedStudio;
  let studio: Watched;

  beforeAll(async () => {
    await writeMicrophone(path('said.wav'), [SAID]);
    await writeCamera(path('seen.y4m'), SAID);
    started = await startStudio(['models/starter/model'], path('asked.txt'));
    browser = await launch(
      `--use-file-for-fake-audio-capture=${path('said.wav')}%noloop`,
      `--use-file-for-fake-video-capture=${path('seen.y4m')}`,
    );
    studio = await watch(browser, started.address, {}, noteStreams);
    await studio.page.waitForSelector('.masthead option', { state: 'attached' });
  });
  afterAll(async () => {
    await browser?.close();
    await started?.stop();
  });

  it('are off until they are started, and visibly on then', async () => {
    const { page } = studio;
    expect(await tracks(studio)).toEqual([]);
    await page.fill('[name=speaker]', 'Ada');
    await page.check('text=with the camera');
    expect(await tracks(studio)).toEqual([]);
    await page.click('text=Listen and watch');
    await page.waitForSelector('.live .dot');
    expect(await page.textContent('.live')).toContain('Microphone and camera are on');
    expect((await tracks(studio)).sort()).toEqual(['audio live', 'video live']);
    await expect
      .poll(() => page.locator('video.mirror').evaluate((video) => (video as HTMLVideoElement).videoWidth))
      .toBe(160);
    expect(await violations(page)).toEqual([]);
  });

  it('give an utterance of what was said, with its words, its voice and its face', async () => {
    const { page } = studio;
    await page.locator('.transcript .answer > data').first().waitFor({ timeout: 180_000 });
    await count(page, '.transcript .line', 1);
    expect(await page.inputValue('.transcript .line input.said')).toMatch(/^I told you not to/);
    expect(await page.textContent('.transcript .line .who')).toBe('Ada');
    expect(await page.locator('.utterance .spoke').evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(
      64,
    );
    // Each was used, or the page says why it was not.
    if (process.env.STUDIO_LOOK) await page.screenshot({ path: `${process.env.STUDIO_LOOK}/live.png` });
    const said = await page.locator('.shares li > span, .utterance .doubt').allTextContents();
    for (const modality of ['text', 'voice', 'face']) expect(said.join(' '), said.join(' ')).toContain(modality);
  });

  it('are let go by a stop', async () => {
    const { page } = studio;
    await page.click('.live >> text=Stop');
    await count(page, '.live', 0);
    expect((await tracks(studio)).sort()).toEqual(['audio ended', 'video ended']);
    expect(await page.locator('.transcript .line').count()).toBe(1);
    expect(await page.locator('.problem').count()).toBe(0);
    expect(studio.errors).toEqual([]);
  });
});
