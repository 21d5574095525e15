import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { launch, openExample, type StartedStudio, startStudio, type Watched, watch } from './studio.js';

const path = temporaryDirectory();
let started: StartedStudio;
beforeAll(async () => {
  started = await startStudio(['models/starter/model'], path('asked.txt'));
});
afterAll(async () => void (await started?.stop()));

/** What the page says of the example: each utterance's confidence, and the numbers of the chosen one. */
async function numbersOn({ page }: Watched): Promise<number[]> {
  await page.click('.slot >> nth=4');
  return page
    .locator('.transcript .answer > data, .opinions tbody data, .shares data, .faces data')
    .evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));
}

const CARD = 'select:has(option[value=webgpu])';

describe('the graphics card', () => {
  it('computes what the processor computes, once it is chosen', async () => {
    // A device made of software, where the machine has no other.
    const browser = await launch('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
    try {
      const studio = await watch(browser, started.address);
      const { page, requests, errors } = studio;
      await openExample(page);
      const wanted = await numbersOn(studio);
      expect(wanted.length).toBeGreaterThan(30);
      const ofCards = () => requests.filter((url) => url.includes('asyncify')).length;
      expect(ofCards()).toBe(0);
      // The answers of the processor are gone when the same conversation is opened again.
      await page.click('text=Clear');
      await page.selectOption(CARD, 'webgpu');
      await expect.poll(ofCards, { timeout: 60_000 }).toBeGreaterThan(0);
      await page.locator('.status p').waitFor({ state: 'detached', timeout: 200_000 });
      await page.click('text=An example');
      await expect.poll(() => page.locator('.transcript .answer > data').count(), { timeout: 200_000 }).toBe(9);
      const got = await numbersOn(studio);
      expect(got.length).toBe(wanted.length);
      for (const [i, value] of got.entries()) expect(value).toBeCloseTo(wanted[i], 3);
      expect(await page.inputValue(CARD)).toBe('webgpu');
      expect(await page.locator('.problem').count()).toBe(0);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('is said to be missing where there is none, and the processor goes on', async () => {
    const browser = await launch('--disable-gpu');
    try {
      const { page } = await watch(browser, started.address);
      await openExample(page);
      await page.selectOption(CARD, 'webgpu');
      expect(await page.textContent('.problem')).toContain('offers no graphics card to pages');
      expect(await page.inputValue(CARD)).toBe('wasm');
      await page.fill('[name=words]', 'I love it!');
      await page.waitForSelector('.line.draft .answer > data');
    } finally {
      await browser.close();
    }
  });
});
