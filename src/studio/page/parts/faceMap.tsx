import { useEffect } from 'preact/hooks';
import { classColour } from '../../../base/page.js';
import { places } from '../state/answers.js';
import { map, model, needMap } from '../state/model.js';
import type { Turn } from '../state/types.js';
import { S } from '../strings.js';

const WIDTH = 400;
const HEIGHT = 260;
const EDGE = 22;

/** The utterance among the faces that the model compares with, on the plane in which the faces differ most. */
export function FaceMap({ turn, classes }: { turn: Turn; classes: readonly string[] }) {
  useEffect(() => void needMap(), [model.value]);
  const found = map.value;
  const own = places.value.get(turn.id);
  if (model.value?.info.faces === undefined || found === undefined) return null;
  const all = [...found.exemplars, ...found.centres, ...(own ? [own] : [])];
  const scale = (axis: 'x' | 'y', from: number, to: number) => {
    const values = all.map((one) => one[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (value: number) => from + ((value - low) / Math.max(high - low, 1e-9)) * (to - from);
  };
  const [x, y] = [scale('x', EDGE, WIDTH - EDGE), scale('y', HEIGHT - EDGE, EDGE)];
  const labels = spread(found.centres.map((at, c) => ({ x: x(at.x), y: y(at.y) - 9, width: 7 * classes[c].length })));
  const [across, up] = (found.explained ?? [0, 0]).map((share) => Math.round(100 * share));
  return (
    <section class="part">
      <h3>{S.utterance.map}</h3>
      <svg class="map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={S.utterance.mapLabel}>
        {found.exemplars.map(({ class: c, index, ...at }) => (
          <circle key={`${c} ${index}`} cx={x(at.x)} cy={y(at.y)} r="3" fill={classColour(c)} opacity="0.55" />
        ))}
        {found.centres.map((at, c) => (
          <g key={classes[c]} transform={`translate(${x(at.x)} ${y(at.y)})`}>
            <path d="M0-6 6 0 0 6-6 0Z" fill={classColour(c)} stroke="var(--paper)" />
          </g>
        ))}
        {labels.map(({ x: left, y: top }, c) => (
          <text key={classes[c]} x={left} y={top}>
            {classes[c]}
          </text>
        ))}
        {own && (
          <g class="here" transform={`translate(${x(own.x)} ${y(own.y)})`}>
            <circle r="9" />
            <circle r="2.5" />
          </g>
        )}
      </svg>
      <p class="note">{S.utterance.mapNote(across, up)}</p>
    </section>
  );
}

const LINE = 12;

/** Labels moved up until none covers another. */
function spread<T extends { x: number; y: number; width: number }>(labels: readonly T[]): T[] {
  const placed: T[] = [];
  const order = labels.map((_, i) => i).sort((a, b) => labels[b].y - labels[a].y);
  for (const i of order) {
    const label = { ...labels[i] };
    const covers = (other: T) =>
      Math.abs(other.x - label.x) < (other.width + label.width) / 2 && Math.abs(other.y - label.y) < LINE;
    for (let hit = placed.find(covers); hit !== undefined; hit = placed.find(covers)) label.y = hit.y - LINE;
    placed.push(label);
    labels = labels.map((one, n) => (n === i ? label : one));
  }
  return [...labels];
}
