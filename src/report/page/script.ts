/** Script of the report: lists, filters and opens the dialogues. Texts enter as text, never as markup. */
export const PAGE_SCRIPT = `
const STEP = 60;
const make = (name, attributes, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const percent = (thousandths) => (thousandths / 10).toFixed(1);
for (const root of document.querySelectorAll('[data-browser]')) {
  const { classes, opinions, faces, names, dialogues: raw } = JSON.parse(
    document.getElementById(root.dataset.browser + '-data').textContent);
  const wrong = (u) => u.label >= 0 && u.label !== u.predicted;
  const dialogues = raw.map(([id, lines], rank) => {
    const utterances = lines.map(([index, text, speaker, label, predicted, confidence, each, nearest]) => ({
      index, text, speaker, label, predicted, confidence, each, nearest,
      words: ((text || '') + ' ' + (speaker || '') + ' ' + id).toLowerCase() }));
    return { id, rank, utterances, labelled: utterances.filter((u) => u.label >= 0).length,
      mistakes: utterances.filter(wrong) };
  });
  const form = root.querySelector('form'), list = root.querySelector('.list');
  const status = root.querySelector('[role=status]'), further = root.querySelector('.further');
  const named = (c) => [make('i', { class: 'class c' + (c % 10) }), classes[c]];
  const fits = (u) => {
    const { query, kind, label, predicted } = form.elements;
    return u.words.includes(query.value.trim().toLowerCase())
      && (kind.value === '' || (u.label >= 0 && wrong(u) === (kind.value === 'wrong')))
      && (label.value === '' || u.label === Number(label.value))
      && (predicted.value === '' || u.predicted === Number(predicted.value));
  };
  const opinionTable = (u) => make('table', { class: 'opinions' },
    make('caption', { class: 'hidden' }, 'Probability of each class, %'),
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'class, %'),
      ...opinions.map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, ...classes.map((_, c) => make('tr', c === u.label ? { class: 'label' } : {},
      make('th', { scope: 'row' }, ...named(c), c === u.label ? ' ◂ label' : ''),
      ...u.each.map((row) => {
        if (row === null) return make('td', { class: 'absent' }, 'absent');
        const top = row[c] === Math.max(...row);
        return make('td', { class: top ? 'top' : '', style: '--p:' + row[c] / 10 + '%' }, percent(row[c]));
      })))));
  const face = ([c, e, cosine]) => {
    const key = c + ',' + e;
    const picture = faces[key] ? make('img', { src: faces[key], alt: 'face: ' + classes[c], class: 'c' + (c % 10) })
      : make('div', { class: 'noface c' + (c % 10) });
    return make('figure', { title: names[key] }, picture,
      make('figcaption', {}, ...named(c), make('br'), (cosine / 1000).toFixed(2)));
  };
  const utterance = (u, filtered) => {
    const verdict = u.label < 0 ? 'unlabelled' : wrong(u) ? '✗ wrong' : '✓ right';
    const said = make('div', { class: 'said' },
      make('p', {}, make('span', { class: 'no' }, String(u.index + 1)), make('b', {}, u.speaker || ''), u.speaker ? ': ' : '',
        u.text === null ? make('span', { class: 'note' }, 'no text') : u.text),
      make('p', {}, make('span', { class: 'verdict' }, verdict), ' · label ', ...(u.label < 0 ? ['–'] : named(u.label)),
        ' · predicted ', ...named(u.predicted), ' ' + percent(u.confidence) + ' %'));
    const parts = [said, make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'Opinions' }, opinionTable(u))];
    if (u.nearest.length) parts.push(make('div', { class: 'faces', role: 'group', 'aria-label': 'Nearest faces' }, ...u.nearest.map(face)));
    return make('li', { class: 'utterance' + (wrong(u) ? ' wrong' : '') + (filtered && !fits(u) ? ' other' : '') }, ...parts);
  };
  const entry = (dialogue, filtered) => {
    const [worst] = dialogue.mistakes.toSorted((a, b) => b.confidence - a.confidence);
    const summary = make('summary', {}, make('b', {}, dialogue.id),
      make('span', {}, dialogue.mistakes.length + ' of ' + dialogue.labelled + ' wrong'));
    if (worst) summary.append(make('span', {}, 'surest: ', ...named(worst.label), ' taken for ', ...named(worst.predicted),
      ', ' + percent(worst.confidence) + ' %'));
    const details = make('details', {}, summary);
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1)
        details.append(make('ol', { class: 'utterances' }, ...dialogue.utterances.map((u) => utterance(u, filtered))));
    });
    return details;
  };
  const orders = {
    worst: (a, b) => a.rank - b.rank,
    mistakes: (a, b) => b.mistakes.length - a.mistakes.length || a.rank - b.rank,
    id: (a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }),
  };
  let found = [], shown = 0, filtered = false;
  const more = () => {
    list.append(...found.slice(shown, shown + STEP).map((dialogue) => entry(dialogue, filtered)));
    shown = Math.min(shown + STEP, found.length);
    further.hidden = shown === found.length;
  };
  const apply = () => {
    const { query, kind, label, predicted, order } = form.elements;
    filtered = [query, kind, label, predicted].some(({ value }) => value.trim() !== '');
    found = dialogues.filter(({ utterances }) => !filtered || utterances.some(fits)).sort(orders[order.value]);
    const hits = found.reduce((sum, { utterances }) => sum + (filtered ? utterances.filter(fits).length : utterances.length), 0);
    status.textContent = found.length + ' of ' + dialogues.length + ' dialogues, ' + hits + (filtered ? ' matching' : '') + ' utterances';
    shown = 0;
    list.replaceChildren();
    more();
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  further.addEventListener('click', more);
  apply();
}
`;
