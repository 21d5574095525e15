import { readdirSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open, type Prediction, type Predictor } from '../../../src/index.js';
import { temporaryDirectory, vegaMerc } from '../../cli/vega-merc.js';
import { count, launch, openExample, serveFolder, trainReaders, violations, type Watched, watch } from './studio.js';

const path = temporaryDirectory();

/** The words of the example in src/studio/page/strings.ts are on the screen: who says what. */
async function saidOn({ page }: Watched): Promise<{ speaker: string; text: string }[]> {
  return page.locator('.transcript .line').evaluateAll((lines) =>
    lines.map((line) => ({
      speaker: line.querySelector('.who')?.textContent ?? '',
      text: (line.querySelector('input.said') as HTMLInputElement).value,
    })),
  );
}

const values = ({ page }: Watched, selector: string): Promise<number[]> =>
  page.locator(selector).evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));

function close(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(wanted[i], 3);
}

describe('the studio as static files', () => {
  let browser: Browser;
  let server: Server;
  let address: string;
  let model: Predictor;
  let studio: Watched;

  beforeAll(async () => {
    trainReaders(path, { reader: [] });
    const { status, stderr } = vegaMerc(['studio', path('reader'), '--build', path('site')]);
    expect(status, stderr).toBe(0);
    ({ server, address } = await serveFolder(path('site')));
    browser = await launch();
    model = await open(path('reader'), { threads: 1 });
    studio = await watch(browser, address);
    await openExample(studio.page);
  });
  afterAll(async () => {
    await model?.dispose();
    await browser?.close();
    server?.close();
  });

  it('is less than 1 MB without models, encoder and WebAssembly', () => {
    const files = readdirSync(path('site/assets')).filter((name) => !name.endsWith('.wasm'));
    const bytes = files.reduce((sum, name) => sum + statSync(path(`site/assets/${name}`)).size, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(1_000_000);
  });

  it('says of every utterance what the library says', async () => {
    const { page } = studio;
    const answers = await model.predict(await saidOn(studio));
    expect(await page.locator('.transcript .answer > .emotion').allTextContents()).toEqual(
      answers.map(({ emotion }) => emotion),
    );
    close(
      await values(studio, '.transcript .answer > data'),
      answers.map(({ confidence }) => confidence),
    );
  });

  it("shows an utterance's heads, shares, faces, attention and place", async () => {
    const { page } = studio;
    const answers = await model.predict(await saidOn(studio));
    await page.click('.slot >> nth=4');
    await page.waitForSelector('.map .here');
    const { heads, modalities, evidence } = answers[4] as Prediction & { heads: { classHead: object } };
    const columns = [heads.classHead, heads.anchorHead, modalities.text?.classHead] as Record<string, number>[];
    close(
      await values(studio, '.opinions tbody data'),
      model.classes.flatMap((name) => columns.map((column) => column[name])),
    );
    close(await values(studio, '.shares data'), Object.values(evidence.shares));
    close(await values(studio, '.faces data'), evidence.exemplars?.map(({ cosine }) => cosine) ?? []);
    expect(await page.locator('.faces img').count()).toBe(3);
    close(
      await values(studio, '.attended data'),
      evidence.attended.map(({ weight }) => weight),
    );
    const others = evidence.attended.filter(({ index }) => index !== 4);
    expect(await page.locator('.arcs path').count()).toBe(others.length);
    expect(await page.locator('.map circle').count()).toBeGreaterThan(100);
  });

  it('makes the map away from what answers, and fetches each file of the model once', () => {
    const names = studio.requests.map((url) => new URL(url).pathname);
    const map = names.findIndex((name) => /mapper-[\w-]+\.js$/.test(name));
    expect(map).toBeGreaterThan(0);
    // What fits the plane is fetched by that worker, after it.
    expect(names.findIndex((name) => /pca-[\w-]+\.js$/.test(name))).toBeGreaterThan(map);
    for (const name of ['config.json', 'model.safetensors', 'anchors.safetensors', 'studio.json'])
      expect(names.filter((one) => one.endsWith(`/${name}`)).length, name).toBe(1);
  });

  it('marks what is uncertain', async () => {
    const answers = await model.predict(await saidOn(studio));
    const unsure = answers.flatMap(({ confidence }, i) => (confidence < 0.5 ? [i] : []));
    const marked = await studio.page
      .locator('.slot')
      .evaluateAll((slots) => slots.flatMap((slot, i) => (slot.classList.contains('unsure') ? [i] : [])));
    expect(marked).toEqual(unsure);
  });

  it('goes from utterance to utterance by the arrow keys', async () => {
    const { page } = studio;
    await page.focus('.slot >> nth=4');
    await page.keyboard.press('ArrowRight');
    expect(await page.getAttribute('.slot >> nth=5', 'aria-pressed')).toBe('true');
    await page.keyboard.press('Home');
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toMatch(/^1, Mia: /);
  });

  it('answers while it is typed, and when it is said', async () => {
    const { page } = studio;
    await page.fill('[name=speaker]', 'Ada');
    await page.fill('[name=words]', 'I love it, this is wonderful!');
    await page.waitForSelector('.line.draft .answer > data');
    const before = (await saidOnWithDraft(studio)).concat({ speaker: 'Ada', text: 'I love it, this is wonderful!' });
    const wanted = (await model.predict(before)).at(-1) as Prediction;
    close(await values(studio, '.line.draft .answer > data'), [wanted.confidence]);
    await page.press('[name=words]', 'Enter');
    await count(page, '.transcript .answer > data', 10);
    expect((await saidOn(studio)).at(-1)).toEqual(before.at(-1));
    expect(await page.inputValue('[name=words]')).toBe('');
    await page.click('.line >> nth=9 >> .plain');
    await count(page, '.slot', 9);
  });

  it('reads pasted JSONL, transcripts and plain lines', async () => {
    const { page } = studio;
    const paste = async (text: string) => {
      await page.click('text=Paste a conversation');
      await page.fill('dialog[open] textarea', text);
      await page.click('dialog[open] .primary');
    };
    await paste('{"speaker":"Ann","text":"You came!","label":"joy"}\n{"speaker":"Bo","text":"I had to."}');
    await count(page, '.line', 2);
    expect(await saidOn(studio)).toEqual([
      { speaker: 'Ann', text: 'You came!' },
      { speaker: 'Bo', text: 'I had to.' },
    ]);
    await paste(
      'WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ann>You came!\n\n00:03.000 --> 00:04.000\nBo: I had to.\n\n00:04.500 --> 00:05.000\n<v Ann>Oh.\n',
    );
    await count(page, '.line', 3);
    await paste('{"speaker":"Ann","txt":"You came!"}');
    expect(await page.textContent('dialog[open] .doubt')).toContain('there is no field "txt"');
    await page.keyboard.press('Escape');
    await page.click('text=An example');
    await count(page, '.transcript .answer > data', 9);
    expect(await page.locator('.problem').count()).toBe(0);
  });

  it('says what changes when a modality, an utterance, words or faces are others', async () => {
    const { page } = studio;
    const said = await saidOn(studio);
    await page.click('#tab-whatIf');
    await page.click('.slot >> nth=2');
    await page.fill('.whatif fieldset .block input', 'I hate you, get out!');
    const edited = said.map((one, i) => (i === 2 ? { ...one, text: 'I hate you, get out!' } : one));
    await shown(studio, await model.predict(edited));
    await page.click('.slot >> nth=0');
    await page.check('text=was never said');
    await shown(studio, [undefined, ...(await model.predict(edited.slice(1)))]);
    await page.click('text=As it was');
    expect(await page.locator('.changes').count()).toBe(0);

    // Two classes have each other's faces: what the anchor head says of them is exchanged too.
    const [first, second] = model.classes;
    await page.click('.exchange summary');
    await page.click(`text=swap with ${second}`);
    const own = await model.predict(said);
    await page.waitForSelector('.changes');
    const wanted = own.map(({ heads: { anchorHead = {} } }) => {
      const other = { ...anchorHead, [first]: anchorHead[second], [second]: anchorHead[first] };
      const emotion = model.classes.reduce((a, b) => (other[b] > other[a] ? b : a));
      return { emotion, confidence: other[emotion], probabilities: other };
    });
    await shown(studio, wanted);
    await page.click('text=As it was');
    await page.click('#tab-utterance');
  });

  it('has no fault that axe-core knows, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await studio.page.emulateMedia({ colorScheme });
      for (const tab of ['#tab-whatIf', '#tab-utterance']) {
        await studio.page.click(tab);
        expect(await violations(studio.page), `${colorScheme} ${tab}`).toEqual([]);
      }
      await studio.page.click('text=What it can know');
      expect(await studio.page.textContent('dialog.notice')).toContain('Article 5(1)(f)');
      expect(await studio.page.textContent('dialog.notice')).toContain('Article 50(3)');
      expect(await violations(studio.page), `${colorScheme} notice`).toEqual([]);
      await studio.page.keyboard.press('Escape');
    }
  });

  it('fits a narrow screen', async () => {
    for (const width of [360, 3840]) {
      await studio.page.setViewportSize({ width, height: 800 });
      expect(await studio.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await studio.page.setViewportSize({ width: 1280, height: 900 });
  });

  it('asks nobody but the server that it came from, and complains of nothing', () => {
    const asked = studio.requests.filter((url) => !/^(data|blob):/.test(url)).map((url) => new URL(url).origin);
    expect(asked.length).toBeGreaterThan(10);
    expect([...new Set(asked)]).toEqual([address]);
    expect(studio.errors).toEqual([]);
  });
});

/** The words on the screen without those that are being typed. */
async function saidOnWithDraft({ page }: Watched) {
  return page.locator('.transcript .line:not(.draft)').evaluateAll((lines) =>
    lines.map((line) => ({
      speaker: line.querySelector('.who')?.textContent ?? '',
      text: (line.querySelector('input.said') as HTMLInputElement).value,
    })),
  );
}

/** Waits until the table of changes says this of the utterances; undefined: it is not there. */
async function shown(
  { page }: Watched,
  answers: (Pick<Prediction, 'emotion' | 'confidence'> | undefined)[],
): Promise<void> {
  const wanted = answers.flatMap((answer, i) =>
    answer ? [`${i + 1} ${answer.emotion} ${Math.round(100 * answer.confidence)} %`] : [],
  );
  await expect
    .poll(
      () =>
        page
          .locator('.changes tbody tr')
          .evaluateAll((rows) =>
            rows
              .map((row) => `${row.querySelector('th')?.textContent} ${row.querySelectorAll('td')[1]?.textContent}`)
              .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
          ),
      { timeout: 20_000 },
    )
    .toEqual(wanted);
}
