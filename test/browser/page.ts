import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.js';

/** A page in a browser, with all that it asked for and all that it complained of. */
export interface OpenedPage {
  browser: Browser;
  page: Page;
  requests: string[];
  errors: string[];
}

export async function openFile(file: string, viewport: { width: number; height: number }): Promise<OpenedPage> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => errors.push(message.text()));
  page.on('dialog', (dialog) => {
    errors.push(dialog.message());
    return dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  return { browser, page, requests, errors };
}
