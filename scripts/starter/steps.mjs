// The steps from recordings to the starter model's corpus and run; each is left out or goes on where it was cut off.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enlargeFaces } from './enlarge.mjs';
import { CLASSES, faceSplits, writeManifests } from './manifests.mjs';
import { findSpeech } from './spoken.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Corpora of the three parts, composed of them, and all of it merged: OUT/corpora. @param run runs a command. */
export async function makeCorpora(data, out, { splits, compose: { seed, leaveOut } }, run = vegaMerc) {
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
  extract('ravdess', '--text', 'none', '--visual', 'none', '--keep-speakers');
  if (!made('spoken')) await findSpeech(join(out, 'manifests'));
  extract('spoken', '--text', 'none', '--visual', 'none', '--keep-speakers');
  extract('faces', '--text', 'none', '--audio', 'none', '--visual', 'expression-mean');
  if (!made('found')) await enlargeFaces(join(out, 'manifests'));
  extract('found', '--text', 'none', '--audio', 'none', '--visual', 'expression-mean');
  const [meld, ravdess, spoken, voices, faces, found, shown, composed, starter] = [
    'meld',
    'ravdess',
    'spoken',
    'voices',
    'faces',
    'found',
    'shown',
    'composed',
    'starter',
  ].map((name) => join(corpora, name));
  if (!made('voices')) run('corpus', 'merge', ravdess, spoken, '--name', 'voices', '--out', voices);
  if (!made('shown')) run('corpus', 'merge', faces, found, '--name', 'shown', '--out', shown);
  if (!made('composed')) {
    const shares = Object.entries(leaveOut).map(([modality, share]) => `${modality}=${share}`);
    const given = ['--voices', voices, '--faces', shown, '--seed', `${seed}`, '--leave-out', shares.join()];
    run('corpus', 'compose', meld, ...given, '--name', 'composed', '--out', composed);
  }
  const parts = [meld, ravdess, spoken, faces, found, composed];
  if (!made('starter')) run('corpus', 'merge', ...parts, '--name', 'starter', '--out', starter);
  return corpora;
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

/** Trains, or goes on where training was cut off. */
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
