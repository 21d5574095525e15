import { classColour } from '../../../base/page.js';

/** A swatch in the colour of a class; what it means stands beside it. */
export function Swatch({ index }: { index: number }) {
  return <i class="swatch" style={{ background: classColour(Math.max(index, 0)) }} aria-hidden="true" />;
}

/** An emotion by name, with its colour. */
export function Emotion({ name, classes }: { name: string; classes: readonly string[] }) {
  return (
    <span class="emotion">
      <Swatch index={classes.indexOf(name)} />
      {name}
    </span>
  );
}

export function Legend({ classes }: { classes: readonly string[] }) {
  return (
    <ul class="legend">
      {classes.map((name) => (
        <li key={name}>
          <Emotion name={name} classes={classes} />
        </li>
      ))}
    </ul>
  );
}
