import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { open } from '../../../src/index.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { launch, openExample, type StartedStudio, startStudio, watch } from './studio.js';

// The picture of the README: what a newcomer sees with the starter model. VEGA_MERC_SCREENSHOT=docs/studio.png makes it anew.
const path = temporaryDirectory();
let browser: Browser;
let started: StartedStudio;

beforeAll(async () => {
  started = await startStudio(['models/starter/model'], path('asked.txt'));
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await started?.stop();
});

it('shows the starter model at work, with the emotions that the library gives', async () => {
  const { page, errors } = await watch(browser, started.address, { viewport: { width: 1280, height: 860 } });
  await openExample(page);
  await page.click('.slot >> nth=2');
  const file = process.env.VEGA_MERC_SCREENSHOT ?? path('studio.png');
  const picture = await page.screenshot({ path: file });
  // PNG's head: a picture of this size was made.
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1280, 860]);
  const turns = await page.locator('.transcript li').evaluateAll((all) => all.map((one) => one.textContent ?? ''));
  expect(turns.length).toBeGreaterThanOrEqual(9);
  await using model = await open('models/starter/model', { threads: 1 });
  const labels = await page
    .locator('.slot')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  expect(labels.every((label) => model.classes.some((name) => label.includes(name)))).toBe(true);
  expect(errors).toEqual([]);
});
