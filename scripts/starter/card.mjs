// The numbers of the starter's model card, as text: made of scores.json, so that none is typed.

/** The expected calibration error that was aimed at. */
const ECE_BAR = 0.06;

/** Both tables of the card, in Markdown. @param recorded what scores.json holds. */
export function cardTables({ scores, bytes, crossValidated }) {
  const interval = ({ estimate, lower, upper }) => `${percent(estimate)} (${percent(lower)} to ${percent(upper)})`;
  const table = (rows) => {
    const [head, ...body] = rows.map((cells) => `| ${cells.join(' | ')} |`);
    return [head, `|${rows[0].map(() => ' --- |').join('')}`, ...body].join('\n');
  };
  const classes = Object.keys(scores[0].classes);
  const overall = scores.map(
    ({ name, dialogues, utterances, weightedF1, accuracy, ece, eceCorrected, eceOfJust, unfamiliar }) => [
      name,
      dialogues,
      utterances,
      interval(weightedF1),
      interval(accuracy),
      percent(ece),
      percent(eceCorrected),
      `${percent(eceOfJust.mean)} (up to ${percent(eceOfJust.upper)})`,
      percent(unfamiliar),
    ],
  );
  const each = scores.map((look) => [look.name, ...classes.map((one) => percent(look.classes[one].f1))]);
  const composed = scores.filter((look) => look.composed);
  const whole = composed.find(({ given }) => given.length === 3);
  const best = composed
    .filter(({ given }) => given.length === 1)
    .reduce((a, b) => (b.weightedF1.estimate > a.weightedF1.estimate ? b : a));
  const wanted = scores.filter(
    ({ name, composed: made, given }) => !/enlarged|cut/.test(name) && (!made || given.length === 3),
  );
  const beyond = wanted.filter(({ ece }) => ece >= ECE_BAR);
  const noisy = beyond.filter(({ eceOfJust }) => eceOfJust.upper >= ECE_BAR);
  const calibration = [
    `A calibration error below ${percent(ECE_BAR)} was aimed at for words, voice and face by themselves and for all three together.`,
    beyond.length === 0
      ? 'It was reached.'
      : `Short of it: ${beyond.map(({ name, ece }) => `${name} (${percent(ece)})`).join('; ')}.`,
    ...noisy.map(
      ({ name, utterances, eceOfJust: { mean, upper } }) =>
        `On the ${utterances} utterances of ${name} a model whose confidence is just right would come to ${percent(mean)} on average and to ${percent(upper)} or more in one draw of twenty, were they independent, which clips of a few actors are not.`,
    ),
  ].join(' ');
  const gain = percent(whole.weightedF1.estimate - best.weightedF1.estimate);
  return [
    table([
      [
        'test set',
        'dialogues',
        'utterances',
        'weighted F1',
        'accuracy',
        'calibration error (ECE)',
        'ECE less chance',
        'ECE of just confidence: mean (95 of 100)',
        'unfamiliar',
      ],
      ...overall,
    ]),
    '',
    `F1 of each class:`,
    '',
    table([['test set', ...classes], ...each]),
    '',
    calibration,
    '',
    acrossFolds(crossValidated),
    '',
    `On the composed test set all three together are ${gain} points above its best single modality (${best.name.replace('composed, ', '')}). The model's files have ${(bytes / 1e6).toFixed(1)} MB.`,
  ].join('\n');
}

const percent = (share) => (100 * share).toFixed(1);

/** What cross-validation says of voices alone. */
function acrossFolds({ folds, utterances, accuracy, confidence, ece, eceCorrected, eceOfJust, actors, eceOfFive }) {
  const beyond = Object.values(actors).map((one) => one.accuracy - one.confidence);
  return (
    `By cross-validation over the ${beyond.length} actors that do not test (${folds} models, ${utterances} clips as they are, ` +
    `confidence fitted on what the other models held out) accuracy of voices alone is ${percent(accuracy)}, mean confidence ` +
    `${percent(confidence)}, the calibration error ${percent(ece)}, less chance ${percent(eceCorrected)}, that of just ` +
    `confidence ${percent(eceOfJust.mean)}. What stays is that actors differ: accuracy less confidence is from ` +
    `${percent(Math.min(...beyond))} to ${percent(Math.max(...beyond))} points, by actor. Of five of them at a time, as many as ` +
    `test, the error is ${percent(eceOfFive.mean)} on average (${percent(eceOfFive.lower)} to ${percent(eceOfFive.upper)} in 90 of 100 draws).`
  );
}

const MARKS = ['<!-- scores: printed by scripts/starter/card.mjs from scores.json -->', '<!-- end of scores -->'];

/** The card with the tables between its marks. */
export function withTables(card, recorded) {
  const [begin, end] = MARKS.map((mark) => card.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error('The card has no place for its scores.');
  return `${card.slice(0, begin + MARKS[0].length)}\n${cardTables(recorded)}\n${card.slice(end)}`;
}
