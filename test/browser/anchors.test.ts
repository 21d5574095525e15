import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanPictures } from '../../src/anchors/files.js';
import { buildAnchors, inspectionPage } from '../../src/anchors/index.js';
import { encodePictureFiles, type ImageEncoder } from '../../src/encoders/index.js';
import { openFile } from './page.js';

/** A tiny picture as its own embedding: enough for a map, and no network to run. */
const pixels: ImageEncoder = {
  name: 'pixels',
  dim: 64,
  embed: async (pictures) =>
    Float32Array.from(
      pictures.flatMap(({ data, width, height }) =>
        Array.from({ length: 64 }, (_, i) => {
          const [x, y] = [Math.floor(((i % 8) * width) / 8), Math.floor((Math.floor(i / 8) * height) / 8)];
          return data[(y * width + x) * 3] + 1;
        }),
      ),
    ),
  dispose: async () => {},
};

let folder: string;
let file: string;
let browser: Browser;
let page: Page;
let requests: string[] = [];
let errors: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
  file = join(folder, 'anchors.html');
  const { bank } = await buildAnchors(scanPictures('../shared/data/faces'), pixels, (paths) =>
    encodePictureFiles(paths, pixels),
  );
  writeFileSync(file, await inspectionPage(bank));
  ({ browser, page, requests, errors } = await openFile(file, { width: 1100, height: 1000 }));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

describe('the inspection page in a browser', () => {
  it('shows every exemplar as its face, below 3 MB', async () => {
    expect(statSync(file).size).toBeLessThan(3_000_000);
    expect(await page.locator('#map .point').count()).toBe(420);
    const drawn = await page.locator('#map .point image').evaluateAll(async (images) => {
      const sizes = images.map(async (node) => {
        const picture = new Image();
        picture.src = node.getAttribute('href') ?? '';
        await picture.decode();
        return picture.naturalWidth;
      });
      return (await Promise.all(sizes)).filter((width) => width >= 48).length;
    });
    expect(drawn).toBe(420);
  });

  it('marks the centre of every class', async () => {
    expect(await page.locator('#map .centre text').allTextContents()).toEqual([
      'anger',
      'disgust',
      'fear',
      'happiness',
      'neutral',
      'sadness',
      'surprise',
    ]);
  });

  it('switches between PCA and UMAP', async () => {
    const place = () => page.locator('#map .point').first().getAttribute('transform');
    const before = await place();
    await page.click('button:text("UMAP")');
    expect(await place()).not.toBe(before);
    expect(await page.getAttribute('button:text("UMAP")', 'aria-pressed')).toBe('true');
    await page.click('button:text("PCA")');
    expect(await place()).toBe(before);
  });

  it('tells about the face under the pointer, hides classes, and zooms', async () => {
    const last = page.locator('#map .point').last();
    const box = await last.boundingBox();
    if (box === null) throw new Error('The last point is not drawn.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => page.locator('#detail').textContent()).toMatch(/surprise\/\d+\.jpg/);
    const width = async () => Number((await page.getAttribute('#map', 'viewBox'))?.split(' ')[2]);
    await page.mouse.wheel(0, -400);
    await expect.poll(width).toBeLessThan(1000);
    await page.click('#reset');
    expect(await width()).toBe(1000);
    await page.uncheck('[data-class="6"]');
    expect(await last.isVisible()).toBe(false);
  });

  it('asks no network for anything and reports no error', () => {
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(errors).toEqual([]);
  });
});
