import { signal } from '@preact/signals';
import { Swatch } from '../parts/emotion.js';
import { model, problem } from '../state/model.js';
import { pictureRows } from '../state/pictures.js';
import { setup } from '../state/setup.js';
import { faces, ownFaces } from '../state/whatIf.js';
import { S } from '../strings.js';
import type { FaceClass, FaceInfo, ModelInfo } from '../thinking/types.js';

/** Faces of a class that are drawn; the others are counted. */
const SHOWN = 10;

interface Picked {
  from: number;
  /** Place among the class's own, or after them among those given. */
  at: number;
}
const picked = signal<Picked | undefined>(undefined);
const added = signal('');

/** The faces of each class, to be moved to others: the anchor head then answers among the classes as they are now. */
export function FaceExchange() {
  const info = model.value?.info;
  if (info?.faces === undefined) return null;
  const classes = faces.value ?? ownFaces(info);
  return (
    <details class="exchange">
      <summary>{S.faces.title}</summary>
      <p class="note">{S.faces.about}</p>
      {setup.value?.server === undefined && <p class="note">{S.faces.noServer}</p>}
      <ul class="classes">
        {classes.map((one, c) => (
          <ClassFaces key={`${c} ${one.name}`} info={info} classes={classes} index={c} />
        ))}
      </ul>
      {picked.value && (
        <label class="inline">
          {S.faces.moveTo}
          <select
            value=""
            onChange={({ currentTarget }) => {
              if (currentTarget.value !== '' && picked.value) move(classes, picked.value, Number(currentTarget.value));
            }}
          >
            <option value="">–</option>
            {classes.map(({ name }, c) => (
              <option key={name} value={c} disabled={c === picked.value?.from}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const name = added.value.trim();
          if (name === '' || classes.some((one) => one.name === name)) return;
          empty.value = [...empty.value, name];
          added.value = '';
        }}
      >
        <label class="inline">
          {S.faces.newClass}
          <input value={added.value} onInput={({ currentTarget }) => (added.value = currentTarget.value)} />
        </label>
        <button type="submit">{S.faces.add}</button>
      </form>
      <ul class="classes">
        {empty.value
          .filter((name) => !classes.some((one) => one.name === name))
          .map((name) => (
            <li key={name} class="class drop" onDragOver={allow} onDrop={(event) => dropOn(event, classes, name)}>
              <b>{name}</b> <span class="quiet">{S.faces.emptyClass}</span>
              <PictureButton classes={classes} name={name} />
              {picked.value && (
                <button type="button" onClick={() => picked.value && moveToNew(classes, picked.value, name)}>
                  {S.faces.moveHere}
                </button>
              )}
            </li>
          ))}
      </ul>
    </details>
  );
}

/** Names of classes that have no face yet: only with one do they count. */
const empty = signal<readonly string[]>([]);

function ClassFaces({ info, classes, index }: { info: ModelInfo; classes: readonly FaceClass[]; index: number }) {
  const one = classes[index];
  const all: FaceInfo[] = [
    ...one.own.map((ref) => info.faces?.classes[ref.class].exemplars[ref.index] ?? {}),
    ...one.given.map(({ name, picture }) => ({ name, picture })),
  ];
  const next = classes[(index + 1) % classes.length];
  return (
    <li class="class drop" onDragOver={allow} onDrop={(event) => dropOn(event, classes, one.name)}>
      <div class="row">
        <Swatch index={index} />
        <b>{one.name}</b>
        <span class="quiet">{S.faces.count(all.length)}</span>
        <button type="button" class="plain" onClick={() => swap(classes, index, (index + 1) % classes.length)}>
          {S.faces.swap(next.name)}
        </button>
        <PictureButton classes={classes} name={one.name} />
        {classes.length > 2 && (
          <button
            type="button"
            class="plain"
            aria-label={S.faces.remove(one.name)}
            onClick={() => change(classes.filter((_, c) => c !== index))}
          >
            ×
          </button>
        )}
      </div>
      <div class="thumbs">
        {all.slice(0, SHOWN).map(({ name, picture }, at) => (
          <button
            key={`${at} ${name}`}
            type="button"
            class="thumb"
            draggable
            aria-pressed={picked.value?.from === index && picked.value.at === at}
            aria-label={S.faces.face(one.name, at + 1)}
            title={name}
            onClick={() =>
              (picked.value = picked.value?.from === index && picked.value.at === at ? undefined : { from: index, at })
            }
            onDragStart={(event) => {
              picked.value = { from: index, at };
              event.dataTransfer?.setData('text/plain', `${index} ${at}`);
            }}
          >
            {picture ? <img src={picture} alt="" width="36" height="36" /> : <span aria-hidden="true">{at + 1}</span>}
          </button>
        ))}
        {all.length > SHOWN && <span class="quiet">+ {all.length - SHOWN}</span>}
      </div>
    </li>
  );
}

function PictureButton({ classes, name }: { classes: readonly FaceClass[]; name: string }) {
  if (setup.value?.server === undefined) return null;
  return (
    <label class="link">
      {S.faces.pictures}
      <input
        type="file"
        accept="image/*"
        multiple
        class="hidden"
        aria-label={S.faces.picturesFor(name)}
        onChange={({ currentTarget }) => void give(classes, name, [...(currentTarget.files ?? [])])}
      />
    </label>
  );
}

const allow = (event: DragEvent) => event.preventDefault();

function dropOn(event: DragEvent, classes: readonly FaceClass[], name: string): void {
  event.preventDefault();
  event.stopPropagation();
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length > 0) void give(classes, name, files);
  else if (picked.value) {
    const to = classes.findIndex((one) => one.name === name);
    if (to < 0) moveToNew(classes, picked.value, name);
    else move(classes, picked.value, to);
  }
}

/** Classes without faces are none. */
function change(classes: readonly FaceClass[]): void {
  const left = classes.filter(({ own, given }) => own.length + given.length > 0);
  picked.value = undefined;
  if (left.length < 2) problem.value = S.faces.tooFew;
  else faces.value = left;
}

function taken(
  classes: readonly FaceClass[],
  { from, at }: Picked,
): { left: FaceClass[]; own: FaceClass['own']; given: FaceClass['given'] } {
  const one = classes[from];
  const isOwn = at < one.own.length;
  const g = at - one.own.length;
  return {
    left: classes.map((other, c) =>
      c !== from
        ? other
        : { ...one, own: one.own.filter((_, i) => i !== at), given: one.given.filter((_, i) => i !== g) },
    ),
    own: isOwn ? [one.own[at]] : [],
    given: isOwn ? [] : [one.given[g]],
  };
}

function move(classes: readonly FaceClass[], which: Picked, to: number): void {
  if (which.from === to) return;
  const { left, own, given } = taken(classes, which);
  change(
    left.map((one, c) => (c === to ? { ...one, own: [...one.own, ...own], given: [...one.given, ...given] } : one)),
  );
}

function moveToNew(classes: readonly FaceClass[], which: Picked, name: string): void {
  const { left, own, given } = taken(classes, which);
  change([...left, { name, own, given }]);
}

function swap(classes: readonly FaceClass[], a: number, b: number): void {
  const named = (from: number, to: number) => ({ ...classes[from], name: classes[to].name });
  change(classes.map((one, c) => (c === a ? named(b, a) : c === b ? named(a, b) : one)));
}

/** Pictures from the reader's disk stand for the class from now on. */
async function give(classes: readonly FaceClass[], name: string, files: readonly File[]): Promise<void> {
  const encoder = model.value?.info.faces?.encoder;
  if (files.length === 0) return;
  try {
    const given = await pictureRows(files, encoder);
    const others = classes.filter((one) => one.name !== name);
    const known = classes.find((one) => one.name === name);
    // Pictures take the place of the faces that the class had.
    const next = { name, own: [], given };
    change(known ? classes.map((one) => (one.name === name ? next : one)) : [...others, next]);
  } catch (error) {
    problem.value = (error as Error).message;
  }
}
