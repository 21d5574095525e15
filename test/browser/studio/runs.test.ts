import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlan } from '../../../src/evaluation/experiment/planFile.js';
import { runFile } from '../../../src/run/index.js';
import { readLog } from '../../../src/training/index.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { launch, type StartedStudio, startStudio, trainReaders, type Watched, watch } from './studio.js';

const path = temporaryDirectory();
/** So many epochs that one can be watched; nothing ends early. */
const SETTINGS = { lr: 1e-3, hidden: 256, epochs: 8, patience: 100 };

/** The page looks every two seconds. */
const PATIENT = { timeout: 60_000 };

/** A command with all its processes, which can be halted for a while. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: 'ignore', detached: true });
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)));
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), name);
    } catch {
      // It has ended.
    }
  };
  return { ended, signal };
}

const epochsIn = (run: string): number =>
  readLog(runFile(run, 'metrics')).filter(({ event }) => event === 'epoch').length;

/** Waits without the pauses of `expect.poll`, which would miss it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 10));
}

describe('runs, while they train', () => {
  let browser: Browser;
  let started: StartedStudio;
  let studio: Watched;
  const going: ReturnType<typeof start>[] = [];

  beforeAll(async () => {
    trainReaders(path, { reader: [] });
    mkdirSync(path('runs'));
    started = await startStudio([path('reader'), '--runs', path('runs')], path('asked.txt'));
    browser = await launch();
    studio = await watch(browser, started.address);
    await studio.page.click('nav >> text=Runs');
  });
  afterAll(async () => {
    for (const one of going) one.signal('SIGKILL');
    await browser?.close();
    await started?.stop();
  });

  const entry = (name: string) => studio.page.locator('.runlist button', { hasText: name });
  const header = () => studio.page.textContent('.curves header');
  /** Points of the longest line of the learning curves. */
  const points = () =>
    studio.page
      .locator('.curves svg >> nth=0')
      .locator('path')
      .evaluateAll((all) => Math.max(0, ...all.map((one) => one.getAttribute('d')?.match(/[ML]/g)?.length ?? 0)));
  const reportOf = async () => {
    const address = await studio.page.getAttribute('.curves a', 'href', { timeout: 60_000 });
    return (await fetch(`${started.address}/${address}`)).text();
  };

  it('shows a training that began meanwhile: its epochs, its curves, the time left, then the report', async () => {
    const set = Object.entries(SETTINGS).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const run = path('runs/going');
    const training = start('train', path('corpus'), '--anchors', path('a.anchors.safetensors'), '--out', run, ...set);
    going.push(training);
    await until(() => epochsIn(run) >= 2);
    training.signal('SIGSTOP');
    const early = epochsIn(run);
    await entry('going').click({ timeout: 60_000 });
    await expect.poll(() => entry('going').textContent(), PATIENT).toContain(`${early} of at most 8 epochs`);
    expect(await entry('going').textContent()).toContain('running');
    expect(await header()).toMatch(/at most \d+ s left/);
    await expect.poll(points, PATIENT).toBe(early);
    training.signal('SIGCONT');
    expect(await training.ended).toBe(0);
    await expect.poll(() => entry('going').textContent(), PATIENT).toContain('8 of at most 8 epochs');
    await expect.poll(() => entry('going').textContent(), PATIENT).toContain('finished');
    await expect.poll(points, PATIENT).toBe(8);
    expect(await header()).not.toContain('left');
    expect(await reportOf()).toContain('weighted F1');
  });

  it('goes on showing what was chosen when others come', async () => {
    // Before it by its name.
    cpSync(path('reader'), path('runs/another'), { recursive: true });
    await entry('another').waitFor({ timeout: 60_000 });
    expect(await studio.page.textContent('.curves h2')).toBe('going');
    expect(studio.errors).toEqual([]);
  });

  it('shows an experiment: the runs that are done, the time of those that wait, then its report', async () => {
    const set = JSON.stringify(SETTINGS);
    writeFileSync(
      path('spec.yaml'),
      `name: both
seeds: [1, 2]
corpora: { sample: ${path('corpus')} }
reference: none
configurations:
  none: { anchors: none, set: ${set} }
  faces: { anchors: ${path('a.anchors.safetensors')}, set: ${set} }
`,
    );
    const directory = path('runs/both');
    const experiment = start('experiment', path('spec.yaml'), '--out', directory, '--jobs', '1');
    going.push(experiment);
    /** Epochs of the runs that have begun. */
    const begun = () =>
      Object.keys(readPlan(directory)?.runs ?? {}).flatMap((run) => epochsIn(join(directory, run)) || []);
    // One is done, and another goes on.
    await until(() => begun().length === 2 && begun().some((count) => count > 0 && count < 7));
    experiment.signal('SIGSTOP');
    await entry('both').click({ timeout: 60_000 });
    await expect.poll(() => entry('both').textContent(), PATIENT).toContain('1 of 4 runs');
    expect(await entry('both').textContent()).toContain('running');
    expect(await header()).toMatch(/at most \d+ (s|min) left/);
    await expect.poll(() => studio.page.locator('.curves svg').count(), PATIENT).toBe(2);
    experiment.signal('SIGCONT');
    expect(await experiment.ended).toBe(0);
    await expect.poll(() => entry('both').textContent(), PATIENT).toContain('4 of 4 runs');
    await expect.poll(() => entry('both').textContent(), PATIENT).toContain('finished');
    expect(await reportOf()).toContain('faces');
    expect(studio.errors).toEqual([]);
  });
});
