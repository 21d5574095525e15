import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSubject, reportPage } from '../../src/report/index.js';
import { makeExperiment, TEXT } from '../report/experiment.js';
import { openFile } from './page.js';

let folder: string;
let file: string;
let browser: Browser;
let page: Page;
let requests: string[] = [];
let errors: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  const { experiment } = await makeExperiment(folder);
  file = join(experiment, 'report.html');
  writeFileSync(file, reportPage(openSubject(experiment)).html);
  ({ browser, page, requests, errors } = await openFile(file, { width: 1280, height: 900 }));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

describe('the report in a browser', () => {
  it('has every section, below 4 MB', async () => {
    expect(statSync(file).size).toBeLessThan(4_000_000);
    expect(await page.title()).toBe('Experiment tiny – vega-merc report');
    expect(await page.locator('h2').allTextContents()).toEqual([
      'sample',
      'Looks at the test set',
      'Where the numbers come from',
    ]);
    expect(await page.locator('h3').allTextContents()).toEqual([
      'Configurations compared',
      'Heads',
      'Learning curves',
      'Classes',
      'Confusion matrix',
      'Reliability',
      'Dropped modalities',
      'Dialogues',
    ]);
    expect(await page.locator('.score').innerText()).toMatch(
      /^[\d.]+ % weighted F1\s*95 % interval [\d.]+ to [\d.]+\s*validation-selected synthetic corpus: says nothing about people$/,
    );
    expect(await page.locator('.warning').allInnerTexts()).toContain('Synthetic corpus.');
  });

  it('draws every chart with a text for those who do not see it, and names every table', async () => {
    const drawn = await page.locator('svg[role=img]').evaluateAll((charts) =>
      charts.map((chart) => ({
        label: chart.getAttribute('aria-label')?.length ?? 0,
        height: chart.getBoundingClientRect().height,
      })),
    );
    expect(drawn).toHaveLength(7);
    for (const { label, height } of drawn) {
      expect(label).toBeGreaterThan(30);
      expect(height).toBeGreaterThan(50);
    }
    const unnamed = await page
      .locator('table')
      .evaluateAll((tables) => tables.filter((one) => one.querySelector('caption') === null).length);
    expect(unnamed).toBe(0);
    expect(await page.locator('thead th:not([scope])').count()).toBe(0);
  });

  it('opens a dialogue from the keyboard: text, label, opinions and nearest faces of every utterance', async () => {
    await page.locator('select[name=order]').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const utterance = page.locator('.list details[open] .utterance').first();
    await expect.poll(() => utterance.count()).toBe(1);
    const words = await utterance.locator('.said').innerText();
    expect(words).toContain(`0: ${TEXT}`);
    expect(words).toMatch(/label \w+ · predicted \w+ [\d.]+ %/);
    expect(await utterance.locator('thead th').allInnerTexts()).toEqual([
      'class, %',
      'class head',
      'anchor head',
      'text',
      'audio',
      'visual',
    ]);
    const faces = await utterance
      .locator('.faces img')
      .evaluateAll((images) => images.map((one) => (one as HTMLImageElement).naturalWidth));
    expect(faces).toEqual([8, 8, 8]);
  });

  it('lists the dialogue with the most confident mistake first, searches and filters', async () => {
    const worst = (await page.locator('.list summary').allInnerTexts()).map((text) =>
      Number(/([\d.]+) %$/.exec(text)?.[1] ?? 0),
    );
    expect(worst).toEqual(worst.toSorted((a, b) => b - a));
    const status = () => page.locator('.browser [role=status]').innerText();
    expect(await status()).toBe('12 of 12 dialogues, 117 utterances');
    await page.fill('input[name=query]', 'test-03');
    expect(await page.locator('.list summary b').allInnerTexts()).toEqual(['test-03']);
    await page.fill('input[name=query]', '');
    await page.selectOption('select[name=label]', { label: 'fear' });
    await expect.poll(status).toMatch(/^\d of 12 dialogues, 3 matching utterances$/);
    await page.selectOption('select[name=label]', '');
    await page.selectOption('select[name=order]', 'id');
    expect(await page.locator('.list summary b').first().innerText()).toBe('test-01');
  });

  it.each([1280, 400])('fits a width of %d pixels without scrolling sideways', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    for (const summary of await page.locator('.more > summary').all()) await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  it('asks no network for anything, runs no text, and reports no error', () => {
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(errors).toEqual([]);
  });
});
