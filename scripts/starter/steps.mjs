// The steps from recordings to the starter model's corpus and run; each is left out or goes on where it was cut off.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enlargeFaces } from './enlarge.mjs';
import { holdOut } from './folds.mjs';
import { CLASSES, faceSplits, writeManifests } from './manifests.mjs';
import { findSpeech } from './spoken.mjs';
import { varyVoices } from './varied.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Corpora of what is given: OUT/corpora. @param run runs a command. */
export async function makeParts(data, out, { splits, vary }, run = vegaMerc) {
  const corpora = join(out, 'corpora');
  writeManifests(data, join(out, 'manifests'), splits);
  const made = (name) => existsSync(join(corpora, name, 'corpus.json'));
  const extract = (name, ...options) => {
    if (made(name)) return;
    const manifest = join(out, 'manifests', `${name}.jsonl`);
    const common = ['--classes', CLASSES.join(), '--cache', join(out, 'cache'), '--out', join(corpora, name)];
    run('extract', manifest, ...common, ...options);
  };
  extract('meld', '--audio', 'none', '--visual', 'none');
  extract('lines', '--audio', 'none', '--visual', 'none');
  extract('ravdess', '--text', 'none', '--visual', 'none', '--keep-speakers');
  if (!made('spoken')) await findSpeech(join(out, 'manifests'));
  extract('spoken', '--text', 'none', '--visual', 'none', '--keep-speakers');
  if (!made('varied')) await varyVoices(join(out, 'manifests'), vary);
  extract('varied', '--text', 'none', '--visual', 'none', '--keep-speakers');
  extract('faces', '--text', 'none', '--audio', 'none', '--visual', 'expression-mean');
  if (!made('found')) await enlargeFaces(join(out, 'manifests'));
  extract('found', '--text', 'none', '--audio', 'none', '--visual', 'expression-mean');
  const place = (name) => join(corpora, name);
  if (!made('shown'))
    run('corpus', 'merge', place('faces'), place('found'), '--name', 'shown', '--out', place('shown'));
}

/**
 * What one model is trained on, other actors held out by each: OUT/fold-N/starter. @returns the folder, and where each
 * corpus lies.
 */
export function makeFold(out, fold, { folds, compose: { seed, leaveOut } }, run = vegaMerc, hold = holdOut) {
  const home = join(out, `fold-${fold}`);
  const own = ['ravdess', 'spoken', 'varied', 'voices', 'composed', 'calls', 'starter'];
  const place = (name) => (own.includes(name) ? join(home, name) : join(out, 'corpora', name));
  const made = (name) => existsSync(join(place(name), 'corpus.json'));
  const merge = (name, ...parts) => {
    if (!made(name)) run('corpus', 'merge', ...parts.map(place), '--name', name, '--out', place(name));
  };
  const compose = (name, conversations, given, left) => {
    if (made(name)) return;
    const shares = Object.entries(left).map(([modality, share]) => `${modality}=${share}`);
    const options = ['--seed', `${seed}`, '--leave-out', shares.join(), '--name', name, '--out', place(name)];
    run('corpus', 'compose', place(conversations), ...given, ...options);
  };
  for (const name of ['ravdess', 'spoken', 'varied']) hold(join(out, 'corpora', name), place(name), fold, folds);
  merge('voices', 'ravdess', 'spoken', 'varied');
  compose('composed', 'meld', ['--voices', place('voices'), '--faces', place('shown')], leaveOut);
  // Where nobody is seen, confidence is another. These teach nothing: dropped modalities do.
  const { visual: _, ...heard } = leaveOut;
  compose('calls', 'lines', ['--voices', place('voices')], heard);
  merge('starter', 'meld', 'ravdess', 'spoken', 'varied', 'faces', 'found', 'composed', 'calls');
  return { home, place };
}

/** Anchors of the training faces alone: OUT/faces.anchors.safetensors. @param seed of their split. */
export function makeAnchors(data, out, { seed }, run = vegaMerc) {
  const anchors = join(out, 'faces.anchors.safetensors');
  if (existsSync(anchors)) return anchors;
  const folder = join(out, 'faces');
  rmSync(folder, { recursive: true, force: true });
  for (const label of CLASSES) {
    mkdirSync(join(folder, label), { recursive: true });
    for (const [name, split] of faceSplits(join(data, 'faces', label), seed))
      if (split === 'train') cpSync(join(data, 'faces', label, name), join(folder, label, name));
  }
  run('anchors', 'build', folder, '--encoder', 'face-expression', '--out', anchors);
  rmSync(folder, { recursive: true });
  return anchors;
}

/** Trains, or goes on where training was cut off. @param corpora folder with the corpus `starter`. */
export function trainStarter(corpora, anchors, out, settings, run = vegaMerc) {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const resume = existsSync(join(out, 'config.json')) ? ['--resume'] : [];
  run('train', join(corpora, 'starter'), '--anchors', anchors, '--out', out, ...set, ...resume);
}

/** @throws Error where the command fails. */
export function vegaMerc(...args) {
  console.log(`\n$ vega-merc ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`vega-merc ${args[0]} ended with ${status}.`);
}
