import { signal } from '@preact/signals';
import { pieces } from '../media/pieces.js';
import { readRecording } from './media.js';
import { problem } from './model.js';
import { generation, nextId, selected, talk } from './talk.js';

/** Whether microphone and camera are on; what is heard of them is drawn. */
export const live = signal<{ stream: MediaStream; camera: boolean; stop(): void } | undefined>(undefined);
/** Loudness now, 0 to 1. */
export const loudness = signal(0);

/**
 * Listens until it is stopped. What is said between two silences goes to the local server, and what it makes of that becomes
 * utterances.
 */
export async function startLive(camera: boolean, speaker: string): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera });
  const own = generation;
  let queue: Promise<unknown> = Promise.resolve();
  const stop = pieces(stream, {
    onLevel: (level) => {
      loudness.value = level;
    },
    onPiece: (piece, began) => {
      queue = queue
        .then(() => take({ piece, began, speaker, camera, own }))
        .catch((error: Error) => {
          problem.value = error.message;
        });
    },
  });
  live.value = {
    stream,
    camera,
    stop() {
      stop();
      for (const track of stream.getTracks()) track.stop();
      live.value = undefined;
      loudness.value = 0;
    },
  };
}

interface Piece {
  piece: Blob;
  /** Second of the stream in which it begins. */
  began: number;
  speaker: string;
  camera: boolean;
  /** The conversation that it is of. */
  own: number;
}

async function take({ piece, began, speaker, camera, own }: Piece): Promise<void> {
  if (own !== generation) return;
  const { turns } = await readRecording(piece, { name: camera ? 'live.webm' : 'voice.webm', speaker });
  // Another conversation may have been opened meanwhile.
  if (own !== generation || turns.length === 0) return;
  const shifted = turns.map((turn) => ({
    ...turn,
    id: nextId(),
    ...(turn.start !== undefined && { start: turn.start + began }),
    ...(turn.end !== undefined && { end: turn.end + began }),
  }));
  talk.value = { ...talk.value, turns: [...talk.value.turns, ...shifted] };
  selected.value = shifted.at(-1)?.id;
}
