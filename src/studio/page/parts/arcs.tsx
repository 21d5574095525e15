import type { Slot } from '../../../report/conversation/timeline.js';

/** Room above the lanes. */
export const ARCS = 46;

/** Which utterances the chosen one looked at: the wider an arc, the more. */
export function Arcs({ from, to, base }: { from: Slot; to: readonly { slot: Slot; weight: number }[]; base: number }) {
  const middle = (slot: Slot) => slot.x + slot.width / 2;
  const y = base - 2;
  return (
    <g class="arcs">
      {to.map(({ slot, weight }) => {
        const [a, b] = [middle(from), middle(slot)];
        const width = 1 + 6 * weight;
        if (slot.id === from.id) return <circle key={slot.id} cx={a} cy={y - 9} r="6" stroke-width={width} />;
        const high = Math.min(ARCS - 8, 12 + Math.abs(b - a) / 6);
        return <path key={slot.id} d={`M${a} ${y}C${a} ${y - high} ${b} ${y - high} ${b} ${y}`} stroke-width={width} />;
      })}
    </g>
  );
}
