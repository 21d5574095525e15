import { escapeHtml } from '../base/page.js';
import { latin1Text } from '../base/text.js';
import type { ExemplarRef } from './inspect.js';
import type { AnchorMap } from './map.js';
import type { Place } from './plane.js';
import { cosine, row } from './rows.js';
import type { AnchorBank } from './types.js';

const WIDTH = 1000;
const HEIGHT = 680;
const EDGE = 40;
/** Side of a face on the map. */
const FACE = 26;

/** An exemplar's thumbnail as an image of the page; a square in its class's colour where the file holds none. */
export function face(bank: AnchorBank, ref: ExemplarRef): string {
  const href = thumbnailUrl(bank, ref);
  return href === undefined
    ? `<b class="noface c${ref.class}"></b>`
    : `<img class="c${ref.class}" src="${href}" alt="face: ${escapeHtml(bank.classes[ref.class])}">`;
}

/** The map: every exemplar a face, every centre a labelled diamond, with buttons for the ways to map. */
export function mapSection(
  bank: AnchorBank,
  maps: readonly AnchorMap[],
  shown: readonly ExemplarRef[],
  total: number,
): string {
  if (maps.length === 0) return '';
  const fitted = maps.map((map) => ({ ...map, ...scaleToPage(map) }));
  const points = shown.map((ref, i) =>
    point(
      bank,
      ref,
      fitted.map((map) => map.exemplars[i]),
    ),
  );
  const centres = bank.classes.map((name, c) =>
    centre(
      name,
      c,
      fitted.map((map) => map.centres[c]),
    ),
  );
  const buttons = maps.map(
    (map, i) => `<button type="button" data-map="${i}" aria-pressed="${i === 0}">${map.name}</button>`,
  );
  const legend = bank.classes.map(
    (name, c) =>
      `<label class="c${c}"><input type="checkbox" data-class="${c}" checked><i></i>${escapeHtml(name)}</label>`,
  );
  const notes = maps.map((map, i) => `<span data-note="${i}"${i === 0 ? '' : ' hidden'}>${note(map)}</span>`);
  const part =
    shown.length < total ? ` An even part is shown: ${shown.length} of ${total.toLocaleString('en-US')}.` : '';
  return `<section><h2>Map</h2>
<div class="controls"><span class="buttons">${buttons.join('')}</span><label>size <input type="range" id="size" min="0.4" max="2.5" step="0.1" value="1"></label><button type="button" id="reset">whole map</button></div>
<div class="legend">${legend.join('')}</div>
<div class="map"><svg id="map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Map of the exemplars and centres">${points.join('')}${centres.join('')}</svg>
<aside id="detail" hidden><img alt=""><div></div></aside></div>
<p class="note">${notes.join('')}${part} Diamonds are centres. Scroll to zoom, drag to move, point at a face to see it.</p></section>`;
}

function note({ name, explained }: AnchorMap): string {
  if (name === 'UMAP') return 'UMAP keeps neighbours together; distances between groups mean little.';
  if (explained === undefined) return 'PCA.';
  const [across, up] = explained.map((share) => `${(100 * share).toFixed(0)} %`);
  return `PCA: across ${across}, upwards ${up} of the variance.`;
}

function point(bank: AnchorBank, ref: ExemplarRef, places: readonly Place[]): string {
  const href = thumbnailUrl(bank, ref);
  const own = cosine(row(bank.exemplars[ref.class], bank.dim, ref.index), row(bank.centres, bank.dim, ref.class));
  const name = bank.sources?.[ref.class]?.[ref.index]?.name ?? `no. ${ref.index + 1}`;
  const text = `${bank.classes[ref.class]}\n${name}\ncosine to its centre ${own.toFixed(3)}`;
  const inside =
    href === undefined
      ? '<circle r="5"/>'
      : `<image href="${href}" x="${-FACE / 2}" y="${-FACE / 2}" width="${FACE}" height="${FACE}" preserveAspectRatio="xMidYMid slice"/><rect x="${-FACE / 2}" y="${-FACE / 2}" width="${FACE}" height="${FACE}"/>`;
  return `<g class="point c${ref.class}" data-text="${escapeHtml(text)}" ${coordinates(places)}>${inside}</g>`;
}

function centre(name: string, c: number, places: readonly Place[]): string {
  return `<g class="centre c${c}" ${coordinates(places)}><path d="M0-13 13 0 0 13-13 0Z"/><text y="-18">${escapeHtml(name)}</text></g>`;
}

/** Where the thing is on the first map, and on all of them. */
function coordinates(places: readonly Place[]): string {
  const [[x, y]] = places;
  return `transform="translate(${x} ${y})" data-places="${places.map(([px, py]) => `${px},${py}`).join(' ')}"`;
}

/** Scales a map into the drawing, y upwards; both axes alike, but for UMAP, whose distances mean little. */
function scaleToPage({ name, exemplars, centres }: AnchorMap): { exemplars: Place[]; centres: Place[] } {
  const all = [...exemplars, ...centres];
  const range = (axis: 0 | 1) => {
    const values = all.map((place) => place[axis]);
    return { low: Math.min(...values), high: Math.max(...values) };
  };
  const [x, y] = [range(0), range(1)];
  const across = (WIDTH - 2 * EDGE) / Math.max(x.high - x.low, 1e-9);
  const up = (HEIGHT - 2 * EDGE) / Math.max(y.high - y.low, 1e-9);
  const scales = name === 'UMAP' ? { x: across, y: up } : { x: Math.min(across, up), y: Math.min(across, up) };
  const tenth = (value: number) => Math.round(value * 10) / 10;
  const move = (place: Place): Place => [
    tenth(WIDTH / 2 + (place[0] - (x.low + x.high) / 2) * scales.x),
    tenth(HEIGHT / 2 - (place[1] - (y.low + y.high) / 2) * scales.y),
  ];
  return { exemplars: exemplars.map(move), centres: centres.map(move) };
}

function thumbnailUrl(bank: AnchorBank, ref: ExemplarRef): string | undefined {
  const jpeg = bank.thumbnails?.[ref.class]?.[ref.index];
  return jpeg && `data:image/jpeg;base64,${btoa(latin1Text(jpeg))}`;
}
