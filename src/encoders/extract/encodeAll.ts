import type { Modality } from '../../base/modalities.js';
import type { Clip } from '../media/clip.js';
import type { Outcome, Task } from './encode.js';
import type { Want } from './plan.js';
import type { EncoderPool } from './pool.js';

/** Texts that go through together. */
const TEXTS_AT_ONCE = 64;
/** Short clips that are decoded together. */
const CLIPS_AT_ONCE = 8;

/** So often is a text or clip tried alone when the process that encodes it dies: once may be another's doing. */
const TRIES_ALONE = 2;

/**
 * Encodes what is still open of some groups, and closes the pool. A text or clip at which processes keep dying is recorded as failed; what
 * shared a process with it is not.
 * @param groups of `groupsFor`; @param isOpen whether a member is still to be encoded. @param settle takes each outcome as it comes. Where it throws, or the pool ends, everything ends.
 */
export async function encodeAll(
  all: readonly Want[][],
  isOpen: (want: Want) => boolean,
  pool: EncoderPool,
  settle: (want: Want, outcome: Outcome) => void,
): Promise<void> {
  // A text's last digits hang on those that go through with it: its group stays whole, however much of it is known.
  const groups = all.flatMap((group) => {
    const open = group.filter(isOpen);
    return open.length === 0 ? [] : [group[0].modality === 'text' ? group : open];
  });
  const encode = async (members: readonly Want[], triedAlone = 0): Promise<void> => {
    const found = await pool.run(taskOf(members));
    if (!('died' in found)) {
      for (const [i, want] of members.entries()) if (isOpen(want)) settle(want, found[i]);
    } else if (members.length > 1) {
      // One of them did it, or none; alone, it costs only itself.
      await Promise.all(members.map((want) => encode([want])));
    } else if (triedAlone + 1 < TRIES_ALONE) await encode(members, triedAlone + 1);
    else settle(members[0], { state: 'failed', reason: `made the program that read it break down (${found.died})` });
  };
  try {
    const lanes = Array.from({ length: pool.size }, async () => {
      for (let next = groups.shift(); next !== undefined; next = groups.shift()) await encode(next);
    });
    await Promise.all(lanes);
  } finally {
    groups.length = 0;
    await pool.close();
  }
}

/**
 * Texts first, in groups of like length; then sound and pictures in turn, so that utterances are done one after the
 * other: short clips in groups, long ones one by one.
 */
export function groupsFor(wants: readonly Want[]): Want[][] {
  const of = (modality: Modality, short = true) =>
    wants.filter((want) => want.modality === modality && (modality === 'text' || want.short === short));
  const texts = of('text').sort(
    (a, b) => (a.text as string).length - (b.text as string).length || (a.key < b.key ? -1 : 1),
  );
  const inTurn = (short: boolean, size: number) => {
    const [sound, pictures] = [grouped(of('audio', short), size), grouped(of('visual', short), size)];
    const turns = Array.from({ length: Math.max(sound.length, pictures.length) }, (_, i) => [sound[i], pictures[i]]);
    return turns.flat().filter((group) => group !== undefined);
  };
  const clips = [...inTurn(true, CLIPS_AT_ONCE), ...inTurn(false, 1)];
  return [...grouped(texts, TEXTS_AT_ONCE), ...clips];
}

function grouped(wants: readonly Want[], size: number): Want[][] {
  return Array.from({ length: Math.ceil(wants.length / size) }, (_, i) => wants.slice(i * size, (i + 1) * size));
}

/** @param members of one modality. */
function taskOf(members: readonly Want[]): Task {
  const [{ modality }] = members;
  if (modality === 'text') return { modality, texts: members.map((want) => want.text as string) };
  return { modality, clips: members.map((want) => want.clip as Clip) };
}
