import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { live, loudness, startLive } from '../state/live.js';
import { reading } from '../state/media.js';
import { problem } from '../state/model.js';
import { setup } from '../state/setup.js';
import { draft } from '../state/talk.js';
import { S } from '../strings.js';

const camera = signal(false);

/** Microphone and camera: off until they are started here, and visibly on until they are stopped. */
export function LiveBar() {
  if (!setup.value?.server?.media) return null;
  const now = live.value;
  if (now === undefined) {
    return (
      <div class="bar">
        <button
          type="button"
          onClick={() => {
            startLive(camera.value, draft.value.speaker).catch((error: Error) => {
              problem.value = S.live.refused(error.message);
            });
          }}
        >
          {camera.value ? S.live.startBoth : S.live.start}
        </button>
        <label class="inline">
          <input type="checkbox" checked={camera.value} onChange={() => (camera.value = !camera.value)} />{' '}
          {S.live.camera}
        </label>
      </div>
    );
  }
  return (
    <div class="bar live" role="status">
      <span class="dot" aria-hidden="true" />
      <b>{now.camera ? S.live.onBoth : S.live.on}</b>
      <meter min={0} max={1} value={loudness.value} aria-label={S.live.loudness} />
      <button type="button" class="primary" onClick={() => now.stop()}>
        {S.live.stop}
      </button>
      {now.camera && <Mirror stream={now.stream} />}
      {reading.value && <span class="quiet">{reading.value}</span>}
    </div>
  );
}

/** What the camera sees. */
function Mirror({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video ref={video} autoplay muted playsInline class="mirror" aria-label={S.live.mirror} />;
}
