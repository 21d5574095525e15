import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { open } from '../../../src/index.js';
import { S } from '../../../src/studio/page/strings.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { launch, openExample, type StartedStudio, startStudio, watch } from './studio.js';

// The picture of the README: what a newcomer sees with the starter model. VEGA_MERC_SCREENSHOT=docs/studio.png makes it anew.
const path = temporaryDirectory();
let browser: Browser;
let started: StartedStudio;

beforeAll(async () => {
  started = await startStudio(['starter'], path('asked.txt'));
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
  const shown = await page.locator('.transcript .answer > .emotion').allTextContents();
  const utterances = S.open.exampleText.split('\n').map((line) => {
    const [speaker, ...words] = line.split(': ');
    return { speaker, text: words.join(': ') };
  });
  await using model = await open('models/starter/model', { threads: 1 });
  const answers = await model.predict(utterances);
  expect(shown).toEqual(answers.map(({ emotion }) => emotion));
  expect(errors).toEqual([]);
});

it('does not list it among the runs: it came without the log of its training', async () => {
  const { models, server } = await (await fetch(`${started.address}/studio.json`)).json();
  expect(models[0].id).toBe('starter');
  const response = await fetch(`${started.address}/studio/runs`, { headers: { 'x-studio-token': server.token } });
  const names = ((await response.json()) as { name: string }[]).map(({ name }) => name);
  // Its folder, and what it is called; runs of who develops here may be among them.
  expect(names).not.toContain('model');
  expect(names).not.toContain('starter');
});
