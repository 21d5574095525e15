import { useEffect, useRef } from 'preact/hooks';
import { playing } from '../state/media.js';
import { selected, talk } from '../state/talk.js';
import { S } from '../strings.js';

/** The recording, in step with the timeline: what plays is chosen, and what is chosen can be played. */
export function Player() {
  const { recording, turns } = talk.value;
  const media = useRef<HTMLMediaElement>(null);
  const chosen = selected.value;
  useEffect(() => {
    const start = turns.find(({ id }) => id === chosen)?.start;
    const element = media.current;
    // While it plays, it is the recording that chooses.
    if (element?.paused && start !== undefined) {
      element.currentTime = start;
      playing.value = start;
    }
  }, [chosen]);
  useEffect(() => {
    playing.value = undefined;
  }, [recording]);
  if (recording === undefined) return null;
  const onTimeUpdate = () => {
    const element = media.current;
    if (element === null) return;
    const now = element.currentTime;
    playing.value = now;
    if (element.paused) return;
    const spoken = turns.findLast(({ start = Number.POSITIVE_INFINITY }) => start <= now);
    if (spoken) selected.value = spoken.id;
  };
  const props = { controls: true, src: recording.url, onTimeUpdate, 'aria-label': S.media.player(recording.name) };
  return recording.kind === 'video' ? (
    <video ref={media as never} class="player" {...props} />
  ) : (
    <audio ref={media as never} class="player" {...props} />
  );
}
