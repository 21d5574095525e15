import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import { conversationOf, open } from '../../../src/index.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import {
  count,
  launch,
  openExample,
  type StartedStudio,
  startStudio,
  trainReaders,
  violations,
  type Watched,
  watch,
} from './studio.js';

const path = temporaryDirectory();
const DIALOGUES = ['d01', 'd02', 'd03', 'd04', 'd05', 'd06', 'd07', 'd08'];

describe('the studio at work: labels and reports', () => {
  let browser: Browser;
  let started: StartedStudio;
  let studio: Watched;

  beforeAll(async () => {
    trainReaders(path, { reader: [] }, { dialogues: DIALOGUES });
    started = await startStudio([path('reader'), '--corpus', path('corpus')], path('asked.txt'));
    browser = await launch();
    studio = await watch(browser, started.address);
    await studio.page.waitForSelector('.masthead option', { state: 'attached' });
  });
  afterAll(async () => {
    await browser?.close();
    await started?.stop();
  });

  it('puts first what would teach most: the least margin', async () => {
    const { page } = studio;
    await page.click('nav >> text=Label');
    await page.locator('.card').waitFor({ timeout: 60_000 });
    const corpus = readCorpus(path('corpus'));
    await using model = await open(path('reader'), { threads: 1 });
    const all = [];
    for (const [d, { id, utterances }] of corpus.dialogues.entries()) {
      const answers = await model.predict(conversationOf(corpus, d));
      for (const [index, { probabilities }] of answers.entries()) {
        const [first, second] = Object.values(probabilities).sort((a, b) => b - a);
        all.push({ place: `${id} · ${index + 1}`, text: utterances[index].text, margin: first - second });
      }
    }
    all.sort((a, b) => a.margin - b.margin);
    expect(await page.textContent('.card p >> nth=0')).toBe(all[0].place);
    expect(await page.textContent('.card .words')).toContain(all[0].text);
  });

  it('labels by keyboard, and saves the corpus with the corrections and who made them', async () => {
    const { page } = studio;
    const before = readCorpus(path('corpus'));
    const place = (await page.textContent('.card p >> nth=0')) ?? '';
    const [dialogue, number] = place.split(' · ');
    const at = (corpus: typeof before) =>
      corpus.dialogues.find(({ id }) => id === dialogue)?.utterances[Number(number) - 1];
    const other = at(before)?.label === 2 ? 3 : 2;
    await page.focus('main');
    await page.keyboard.press(`${other + 1}`);
    expect(await page.getAttribute(`.choices button >> nth=${other}`, 'aria-pressed')).toBe('true');
    await page.keyboard.press('ArrowRight');
    expect(await page.textContent('.card p >> nth=0')).not.toBe(place);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), colorScheme).toEqual([]);
    }
    await page.fill('[name=author]', 'Ada');
    await page.click('text=Save the corpus (1)');
    await expect.poll(() => at(readCorpus(path('corpus')))?.label, { timeout: 20_000 }).toBe(other);
    const after = readCorpus(path('corpus'));
    expect(at(after)?.labelledBy).toBe('Ada');
    expect(after.origin?.at(-1)).toBe('labels corrected by Ada: 1');
    const changed = after.dialogues.flatMap(({ utterances }, d) =>
      utterances.filter((one, i) => one.label !== before.dialogues[d].utterances[i].label),
    );
    expect(changed.length).toBe(1);
  });

  it('shows the report of a finished run', async () => {
    const { page } = studio;
    await page.click('nav >> text=Runs');
    await page.locator('.runlist button', { hasText: 'reader' }).click();
    const address = await page.getAttribute('.curves a', 'href');
    const response = await fetch(`${started.address}/${address}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('weighted F1');
    expect((await fetch(`${started.address}/${address?.split('?')[0]}`)).status).toBe(401);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), colorScheme).toEqual([]);
    }
  });

  it('labels a conversation of its own, and gives it as JSONL that it reads again', async () => {
    // As a static page has it: without a corpus.
    const other = await watch(browser, started.address);
    await other.page.route('**/studio.json', async (route) => {
      const { server: _, ...rest } = (await (await route.fetch()).json()) as Record<string, unknown>;
      await route.fulfill({ json: rest });
    });
    await other.page.reload();
    await other.page.waitForSelector('.masthead option', { state: 'attached' });
    await openExample(other.page);
    await other.page.click('nav >> text=Label');
    await other.page.locator('.card').waitFor();
    await other.page.focus('main');
    await other.page.keyboard.press('1');
    const labelled = await other.page.locator('.choices button[aria-pressed=true]').count();
    expect(labelled).toBe(1);
    await other.page.fill('[name=author]', 'Ada');
    const [download] = await Promise.all([
      other.page.waitForEvent('download'),
      other.page.click('text=Save as JSONL (1)'),
    ]);
    await download.saveAs(path('said.jsonl'));
    const lines = readFileSync(path('said.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe(9);
    expect(lines.filter(({ labelledBy }) => labelledBy === 'Ada').map(({ label }) => label)).toEqual(['neutral']);
    await other.page.click('nav >> text=Conversation');
    await other.page.setInputFiles('.bar input[type=file]', path('said.jsonl'));
    await count(other.page, '.transcript .line', 9);
    expect(other.errors).toEqual([]);
  });

  it('complains of nothing', () => {
    expect(studio.errors).toEqual([]);
  });
});
