import { type Clip, checkClip, checkTimes, LEAST_SHARE, ROUGHNESS_S } from '../clip.js';
import { ClipError, NoTrackError } from '../errors.js';
import type { Request } from '../wire.js';
import { type Container, chooseTrack, openContainer, seek } from './container.js';
import { sendPictures } from './pictures.js';
import { sendSound } from './sound.js';
import { endsEarly } from './structure.js';
import { reachOf } from './track.js';

const TORN = 'is damaged or was cut short: its last packet is not whole';
/** Kinds of container that say how long their last packet is to be: in others it often is not whole. */
const SURE_OF_PACKETS = /^(mov|wav|w64|avi|aiff|caf)/;

/**
 * Decodes what is asked for and sends it.
 * @throws ClipError where the clip cannot be had, or not whole.
 */
export function answer(request: Request): void {
  const { clip, track } = request;
  checkClip(clip);
  const container = openContainer(clip.media);
  try {
    const stream = chooseTrack(container, track);
    if (stream === undefined) throw new NoTrackError(track);
    checkTimes(clip, container.duration);
    const { start = 0 } = clip;
    if (start > 0) seek(container, start);
    if (request.track === 'audio') {
      const reading = sendSound(container, stream, clip, request.rate, request.timed);
      checkSound(container, clip, reading);
    } else {
      const reading = sendPictures(container, stream, clip, request.fps, request.longest);
      checkPictures(container, clip, reading);
    }
  } finally {
    container.close();
  }
}

/** Seconds that are asked for and that the file promises. */
function expectedOf({ duration = 0 }: Container, { start = 0, end = Number.POSITIVE_INFINITY }: Clip): number {
  return Math.min(end, duration) - start;
}

function checkSound(
  container: Container,
  clip: Clip,
  { satisfied, torn, seconds }: { satisfied: boolean; torn: boolean; seconds: number },
): void {
  if (satisfied) return;
  if (torn && SURE_OF_PACKETS.test(container.kind)) throw new ClipError(TORN);
  if (seconds === 0) throw new ClipError('has nothing on its audio track there');
  const expected = expectedOf(container, clip);
  if (seconds < expected - ROUGHNESS_S && seconds < expected * LEAST_SHARE) {
    // A film's sound may end before its pictures do; then nothing is amiss.
    if (picturesReach(clip, expected)) return;
    throw new ClipError(
      `is damaged or was cut short: ${seconds.toFixed(1)} s of ${expected.toFixed(1)} s could be decoded`,
    );
  }
  if (seconds < expected - ROUGHNESS_S && endsEarly(clip.media, container.kind)) throw new ClipError(TORN);
}

function checkPictures(
  container: Container,
  clip: Clip,
  { satisfied, torn, pictures, reached }: { satisfied: boolean; torn: boolean; pictures: number; reached: number },
): void {
  if (!satisfied) {
    if (torn && SURE_OF_PACKETS.test(container.kind)) throw new ClipError(TORN);
    // A picture may stand as long as it likes, so the last one's time alone does not tell.
    const short = reached - (clip.start ?? 0) < expectedOf(container, clip) - ROUGHNESS_S;
    if (short && endsEarly(clip.media, container.kind)) throw new ClipError(TORN);
  }
  if (pictures === 0) throw new ClipError('has nothing on its video track there');
}

/** Do the clip's pictures go on for so many seconds? */
function picturesReach(clip: Clip, expected: number): boolean {
  const container = openContainer(clip.media);
  try {
    const stream = chooseTrack(container, 'video');
    return stream !== undefined && reachOf(container, stream) - (clip.start ?? 0) >= expected * LEAST_SHARE;
  } finally {
    container.close();
  }
}
