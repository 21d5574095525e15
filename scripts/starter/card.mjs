// The numbers of the starter's model card, as text: made of scores.json, so that none is typed.

/** Both tables of the card, in Markdown. @param recorded what scores.json holds. */
export function cardTables({ scores, bytes }) {
  const percent = (share) => (100 * share).toFixed(1);
  const interval = ({ estimate, lower, upper }) => `${percent(estimate)} (${percent(lower)} to ${percent(upper)})`;
  const table = (rows) => {
    const [head, ...body] = rows.map((cells) => `| ${cells.join(' | ')} |`);
    return [head, `|${rows[0].map(() => ' --- |').join('')}`, ...body].join('\n');
  };
  const classes = Object.keys(scores[0].classes);
  const overall = scores.map(({ name, dialogues, utterances, weightedF1, accuracy, ece, unfamiliar }) => [
    name,
    dialogues,
    utterances,
    interval(weightedF1),
    interval(accuracy),
    percent(ece),
    percent(unfamiliar),
  ]);
  const each = scores.map((look) => [look.name, ...classes.map((one) => percent(look.classes[one].f1))]);
  const composed = scores.filter((look) => look.composed);
  const whole = composed.find(({ given }) => given.length === 3);
  const best = composed
    .filter(({ given }) => given.length === 1)
    .reduce((a, b) => (b.weightedF1.estimate > a.weightedF1.estimate ? b : a));
  const gain = percent(whole.weightedF1.estimate - best.weightedF1.estimate);
  return [
    table([
      ['test set', 'dialogues', 'utterances', 'weighted F1', 'accuracy', 'calibration error (ECE)', 'unfamiliar'],
      ...overall,
    ]),
    '',
    `F1 of each class:`,
    '',
    table([['test set', ...classes], ...each]),
    '',
    `On the composed test set all three together are ${gain} points above its best single modality (${best.name.replace('composed, ', '')}). The model's files have ${(bytes / 1e6).toFixed(1)} MB.`,
  ].join('\n');
}

const MARKS = ['<!-- scores: printed by scripts/starter/card.mjs from scores.json -->', '<!-- end of scores -->'];

/** The card with the tables between its marks. */
export function withTables(card, recorded) {
  const [begin, end] = MARKS.map((mark) => card.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error('The card has no place for its scores.');
  return `${card.slice(0, begin + MARKS[0].length)}\n${cardTables(recorded)}\n${card.slice(end)}`;
}
