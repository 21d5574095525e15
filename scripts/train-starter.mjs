// Trains the starter model from the data of scripts/starter/manifests.mjs, packs it and prints its scores. The same
// command goes on where it was cut off.
//   node scripts/train-starter.mjs --out build/starter            all of it; the model comes to models/starter
//   node scripts/train-starter.mjs --out build/starter --scores   only the scores of models/starter, on OUT's corpora
// The settings are in scripts/starter/settings.json; which were looked at, and what validation said, in search.json.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withTables } from './starter/card.mjs';
import { calibrateByFolds } from './starter/folds.mjs';
import { packRun } from './starter/pack.mjs';
import { scoreStarter } from './starter/scores.mjs';
import { makeAnchors, makeFold, makeParts, trainStarter } from './starter/steps.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'build/starter' },
    data: { type: 'string', default: '../shared/data' },
    scores: { type: 'boolean', default: false },
  },
});
const { out, data } = values;
const home = fileURLToPath(new URL('../models/starter/', import.meta.url));
const settings = JSON.parse(readFileSync(new URL('starter/settings.json', import.meta.url), 'utf8'));

await makeParts(data, out, settings);
const anchors = makeAnchors(data, out, settings.splits.faces);
const model = join(home, 'model');
let { crossValidated } = JSON.parse(readFileSync(join(home, 'scores.json'), 'utf8'));
if (!values.scores) {
  const folds = [];
  for (let fold = 0; fold < settings.folds; fold++) {
    const { home: folder, place } = makeFold(out, fold, settings);
    const run = join(folder, 'run');
    trainStarter(folder, anchors, run, settings.train);
    folds.push({ run, corpus: place('starter') });
  }
  const { calibration, ...rest } = await calibrateByFolds(folds);
  ({ crossValidated } = rest);
  // Any of them could be handed on. None held out fewer actors than the last.
  packRun(folds[folds.length - 1].run, model, calibration);
}
const { place } = makeFold(out, settings.folds - 1, settings);
const bytes = readdirSync(model).reduce((sum, name) => sum + statSync(join(model, name)).size, 0);
const recorded = { split: 'test', settings, bytes, crossValidated, scores: await scoreStarter(model, place, 'test') };
writeFileSync(join(home, 'scores.json'), `${JSON.stringify(recorded, null, 2)}\n`);
const card = withTables(readFileSync(join(home, 'README.md'), 'utf8'), recorded);
writeFileSync(join(home, 'README.md'), card);
console.log(card);
