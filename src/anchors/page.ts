import { classColour, escapeHtml } from '../base/page.js';
import { pageScript } from '../base/pageScript.js';
import { type ExemplarRef, evenPart, type Inspection, inspectAnchors } from './inspect.js';
import { mapAnchors } from './map.js';
import { face, mapSection } from './pageMap.js';
import { PAGE_STYLE } from './pageStyle.js';
import type { AnchorBank } from './types.js';

/** More points make a map that nobody can read, and UMAP slow. */
const MAP_LIMIT = 1000;
/** Bytes of faces (base64) that keep the page below 3 MB. */
const FACE_BUDGET = 2_000_000;

/**
 * One HTML page about a bank, with everything inside it: a map of the exemplars (PCA, UMAP) on which each is its face,
 * and tables of what the faces alone tell. It loads nothing.
 */
export async function inspectionPage(bank: AnchorBank, inspection: Inspection = inspectAnchors(bank)): Promise<string> {
  const shown = exemplarsToShow(bank);
  const total = bank.exemplars.reduce((sum, rows) => sum + rows.length / bank.dim, 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Anchors: ${escapeHtml(bank.encoder ?? 'encoder unknown')}</title>
<style>${PAGE_STYLE}${bank.classes.map((_, c) => `.c${c}{--class:${classColour(c)}}`).join('')}</style>
</head>
<body>
<header>
<h1>Visual anchors</h1>
<p>${describe(bank, total)}</p>
${headline(inspection)}
</header>
<main>
${mapSection(bank, await mapAnchors(bank, shown), shown, total)}
${cosineSection(bank, inspection)}
${classSection(bank, inspection)}
${pairSection(bank, inspection)}
${outlierSection(bank, inspection)}
</main>
<footer>Bank ${bank.hash}</footer>
<script>${pageScript('anchors/map')}</script>
</body>
</html>
`;
}

/** An even part of every class, as many as can be shown. */
function exemplarsToShow(bank: AnchorBank): ExemplarRef[] {
  const counts = bank.exemplars.map((rows) => rows.length / bank.dim);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bytes = (bank.thumbnails ?? []).flat().reduce((sum, jpeg) => sum + (4 / 3) * (jpeg?.length ?? 0), 0);
  return evenPart(counts, Math.min(MAP_LIMIT, bytes > FACE_BUDGET ? Math.floor((total * FACE_BUDGET) / bytes) : total));
}

function describe(bank: AnchorBank, total: number): string {
  const encoder =
    bank.encoder === undefined
      ? 'The file does not say which encoder made them.'
      : `Encoder: <b>${escapeHtml(bank.encoder)}</b>${bank.encoder === 'face-expression' ? ' (a face-expression network, not CLIP)' : ''}.`;
  return `${total.toLocaleString('en-US')} exemplars of ${bank.classes.length} classes, ${bank.dim} dimensions. ${encoder}`;
}

function headline({ leaveOneOut }: Inspection): string {
  if (leaveOneOut === undefined)
    return '<p>No class has two exemplars, so how far faces separate classes cannot be measured.</p>';
  const { accuracy, majority } = leaveOneOut;
  return `<p class="headline"><b>${percent(accuracy)}</b> of the faces lie nearest to their own class's centre, made without them; always guessing the largest class would reach ${percent(majority)}.</p>`;
}

function cosineSection({ classes }: AnchorBank, { centreCosines }: Inspection): string {
  const low = Math.min(...centreCosines.flat());
  const shade = (value: number) => Math.round(70 * ((value - low) / Math.max(1 - low, 1e-9)));
  return `<section><h2>Cosines between centres</h2>
<p>Classes whose centres point the same way are hard to tell apart, whatever the model does.</p>
${matrix(classes, centreCosines, (value) => ({ text: value.toFixed(3), shade: shade(value) }))}</section>`;
}

function classSection({ classes }: AnchorBank, { classes: each, leaveOneOut }: Inspection): string {
  const rows = each.map(
    ({ name, exemplars, spread, accuracy }, c) =>
      `<tr><th class="c${c}"><i></i>${escapeHtml(name)}</th><td>${exemplars}</td><td>${spread?.toFixed(3) ?? '–'}</td><td>${accuracy === undefined ? '–' : percent(accuracy)}</td></tr>`,
  );
  const confusion =
    leaveOneOut === undefined
      ? ''
      : `<h3>Nearest centre, one left out</h3><p>Row: class of the face; column: nearest centre.</p>${matrix(classes, leaveOneOut.confusion, (count, line) => ({ text: String(count), shade: Math.round((70 * count) / Math.max(1, ...line)) }))}`;
  return `<section><h2>Classes</h2>
<table><thead><tr><th></th><th>exemplars</th><th>spread</th><th>nearest centre right</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p class="note">Spread: mean of 1 − cosine between an exemplar and its class's centre.</p>
${confusion}</section>`;
}

function pairSection(bank: AnchorBank, { nearestPairs, pairsOfPart }: Inspection): string {
  if (nearestPairs.length === 0) return '';
  const pairs = nearestPairs.map(
    ({ a, b, cosine }) =>
      `<figure>${face(bank, a)}${face(bank, b)}<figcaption>${label(bank, a)} and ${label(bank, b)}<br>cosine ${cosine.toFixed(3)}</figcaption></figure>`,
  );
  return `<section><h2>Nearest faces of different classes</h2>${pairsOfPart ? '<p class="note">Looked for among an even part of the exemplars.</p>' : ''}<div class="figures">${pairs.join('')}</div></section>`;
}

function outlierSection(bank: AnchorBank, { outliers }: Inspection): string {
  const figures = outliers.map(
    ({ exemplar, cosine, nearest, nearestCosine }) =>
      `<figure>${face(bank, exemplar)}<figcaption>${label(bank, exemplar)}<br>cosine ${cosine.toFixed(3)}${nearest === exemplar.class ? '' : `; nearest ${escapeHtml(bank.classes[nearest])}, ${nearestCosine.toFixed(3)}`}</figcaption></figure>`,
  );
  const found =
    figures.length === 0
      ? '<p>None: every exemplar lies where its class does.</p>'
      : `<p>Far from the centre of the other exemplars of their class, for that class (more than 3 robust deviations).</p><div class="figures">${figures.join('')}</div>`;
  return `<section><h2>Outliers</h2>${found}</section>`;
}

/** The name of an exemplar's file, else its number, with its class. */
function label(bank: AnchorBank, ref: ExemplarRef): string {
  const name = bank.sources?.[ref.class]?.[ref.index]?.name ?? `no. ${ref.index + 1}`;
  return `<span class="c${ref.class}"><i></i>${escapeHtml(bank.classes[ref.class])}</span> ${escapeHtml(name)}`;
}

function matrix(
  classes: readonly string[],
  values: readonly (readonly number[])[],
  cell: (value: number, line: readonly number[]) => { text: string; shade: number },
): string {
  const head = classes.map((name, c) => `<th class="c${c}"><i></i>${escapeHtml(name)}</th>`);
  const lines = values.map((line, c) => {
    const cells = line.map((value) => {
      const { text, shade } = cell(value, line);
      return `<td style="--shade:${shade}%">${text}</td>`;
    });
    return `<tr>${head[c]}${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table class="matrix"><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}
