// Measures hearing: words, boundaries and speakers, on conversations assembled of RAVDESS's clips.
//   node bench/hearing.mjs [--ravdess ../shared/data/ravdess] [--split test] [--conversations 20] [--turns 16] [--seed 1]
//   node bench/hearing.mjs --sample  on the sample's dialogues instead, which a synthesiser speaks
//   node bench/hearing.mjs --fit    the speaker threshold, on the training actors
import { parseArgs } from 'node:util';
import { createHearing, tellSpeakers } from '../dist/encoders/hearing/index.js';
import { actorsOf, assemble, clipsOf, RATE, randomTurns, sampleDialogues } from './hearing/conversations.mjs';
import { found, speakerErrors, wordErrors } from './hearing/scores.mjs';
import { inPieces } from './hearing/sound.mjs';

const { values } = parseArgs({
  options: {
    ravdess: { type: 'string', default: '../shared/data/ravdess' },
    split: { type: 'string' },
    conversations: { type: 'string', default: '20' },
    turns: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
    pauses: { type: 'string', default: '0.4,1.5' },
    sample: { type: 'boolean', default: false },
    fit: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const split = values.split ?? (values.fit ? 'train' : 'test');
const pauses = values.pauses.split(',').map(Number);
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const sum = (list, of) => list.reduce((total, each) => total + of(each), 0);

const hearing = await createHearing();
const conversations = [];
let [sound, listened] = [0, 0];
const plans = planned();
for (const [i, turns] of plans.entries()) {
  const made = await assemble(turns, Number(values.seed) * 1000 + i, pauses);
  const began = performance.now();
  const heard = [];
  for await (const utterance of hearing.listen(inPieces(made.sound))) heard.push(utterance);
  listened += (performance.now() - began) / 1000;
  sound += made.sound.length / RATE;
  conversations.push({ truth: made.truth, heard });
  if (values.list) list(made.truth, heard);
}
await hearing.dispose();
const what = values.sample
  ? `the sample's ${split} dialogues (synthetic voices)`
  : `conversations of ${values.turns} turns by 2 to 4 of RAVDESS's ${split} actors ${actorsOf(values.ravdess, split).join(', ')}`;
console.log(
  `${conversations.length} ${what}, pauses of ${pauses.join(' to ')} s, seed ${values.seed}: ${(sound / 60).toFixed(1)} minutes, heard at ${(sound / listened).toFixed(1)} × real time`,
);
if (values.fit) fitThreshold();
else report();

function planned() {
  if (values.sample) return sampleDialogues(split);
  const clips = clipsOf(`${values.ravdess}/audio`, actorsOf(values.ravdess, split));
  return Array.from({ length: Number(values.conversations) }, (_, i) =>
    randomTurns(clips, Number(values.seed) * 1000 + i, Number(values.turns)),
  );
}

function report() {
  const turns = conversations.flatMap(({ truth, heard }) => {
    const errors = wordErrors(truth, heard);
    const own = found(truth, heard);
    return truth.map((turn, i) => ({ ...turn, ...errors[i], words: errors[i].words, found: own[i] }));
  });
  const rate = (list) =>
    percent(
      sum(list, ({ errors }) => errors),
      sum(list, ({ words }) => words),
    );
  const share = (list) =>
    percent(
      sum(list, (turn) => Number(turn.found)),
      list.length,
    );
  console.log(`word error rate ${rate(turns)}; turns found with both ends within 0.5 s ${share(turns)}`);
  for (const emotion of [...new Set(turns.map((turn) => turn.emotion))].sort()) {
    for (const strong of [false, true]) {
      const some = turns.filter((turn) => turn.emotion === emotion && turn.strong === strong);
      if (some.length === 0) continue;
      const name = `${emotion}${strong ? ', strong' : ''}`;
      console.log(
        `  ${name.padEnd(18)} ${String(some.length).padStart(4)} turns, ${rate(some)} of words wrong, ${share(some)} found`,
      );
    }
  }
  const speakers = (of) => {
    const errors = conversations.map(({ truth, heard }) => speakerErrors(truth, heard, of(heard, truth)));
    return percent(
      sum(errors, ({ wrong }) => wrong),
      sum(errors, ({ total }) => total),
    );
  };
  const people = (truth) => new Set(truth.map(({ actor }) => actor)).size;
  console.log(`time given to the wrong speaker or to none: ${speakers((heard) => tellSpeakers(heard))}`);
  console.log(`  as it went on ${speakers((heard) => heard.map(({ speaker }) => speaker))}`);
  console.log(
    `  number of speakers given ${speakers((heard, truth) => tellSpeakers(heard, { count: people(truth) }))}`,
  );
  console.log(`  one speaker for all ${speakers((heard) => heard.map(() => 0))}`);
  const off = conversations.map(({ truth, heard }) => Math.max(...tellSpeakers(heard)) + 1 - people(truth));
  console.log(`  speakers too many (+) or too few (-): ${off.join(' ')}`);
  // As docs/extract.md has it.
  const whole = (list) => Math.round(Number.parseFloat(rate(list)));
  const emotions = [...new Set(turns.map(({ emotion }) => emotion))].sort().map((emotion) => {
    const own = [false, true].map((strong) =>
      turns.filter((turn) => turn.emotion === emotion && turn.strong === strong),
    );
    return `${emotion} ${own
      .filter((some) => some.length > 0)
      .map(whole)
      .join(' / ')}`;
  });
  const counted = speakers((heard, truth) => tellSpeakers(heard, { count: people(truth) }));
  console.log(`
| what | figure |
| --- | --- |
| words wrong (word error rate) | ${rate(turns)} |
| by emotion, normal / strong intensity | ${emotions.join(', ')} % |
| turns with an utterance of their own, both ends within 0.5 s | ${share(turns)} |
| time given to the wrong speaker or to none | ${speakers((heard) => tellSpeakers(heard))} (one speaker for all: ${speakers((heard) => heard.map(() => 0))}; as it went on: ${speakers((heard) => heard.map(({ speaker }) => speaker))}; number of speakers given: ${counted}) |`);
}

function fitThreshold() {
  for (let leastLikeness = 0.5; leastLikeness <= 0.721; leastLikeness += 0.02) {
    const errors = conversations.map(({ truth, heard }) =>
      speakerErrors(truth, heard, tellSpeakers(heard, { leastLikeness })),
    );
    console.log(
      leastLikeness.toFixed(2),
      percent(
        sum(errors, ({ wrong }) => wrong),
        sum(errors, ({ total }) => total),
      ),
    );
  }
}

function list(truth, heard) {
  const speakers = tellSpeakers(heard);
  for (const { start, end, actor, emotion, words } of truth)
    console.log('said ', start.toFixed(2), end.toFixed(2), actor, emotion, words);
  heard.forEach(({ start, end, text, confidence }, i) => {
    console.log('heard', start.toFixed(2), end.toFixed(2), speakers[i] + 1, confidence.toFixed(2), text);
  });
}
