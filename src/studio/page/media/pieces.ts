/** Root mean square from which something is said. */
const LOUD = 0.02;
/** Milliseconds between two looks, of speech that counts, of silence that ends a piece, and of the longest piece. */
const LOOK = 50;
const SPOKEN = 200;
const SILENT = 700;
const LONGEST = 15_000;
/** A recorder that hears nothing begins anew after so long, so that no piece begins with minutes of silence. */
const IDLE = 3000;

interface Heard {
  onLevel(level: number): void;
  /** @param began second of the stream in which the piece begins. */
  onPiece(piece: Blob, began: number): void;
}

/** Cuts a stream into what is said between silences. @returns ends it; what was being said is the last piece. */
export function pieces(stream: MediaStream, { onLevel, onPiece }: Heard): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const start = performance.now();
  let recorder = record();
  let [began, spoken, silent] = [start, 0, 0];

  function record(): MediaRecorder {
    const one = new MediaRecorder(stream);
    one.start();
    return one;
  }
  /** What was recorded so far is a piece, or nothing. */
  const cut = (keep: boolean) => {
    const [old, from] = [recorder, (began - start) / 1000];
    if (keep) old.addEventListener('dataavailable', ({ data }) => data.size > 0 && onPiece(data, from));
    old.stop();
    [began, spoken, silent] = [performance.now(), 0, 0];
  };
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const level = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
    onLevel(Math.min(1, 4 * level));
    if (level > LOUD) [spoken, silent] = [spoken + LOOK, 0];
    else silent += LOOK;
    const length = performance.now() - began;
    const said = spoken >= SPOKEN;
    if ((said && (silent >= SILENT || length > LONGEST)) || (!said && silent >= SILENT && length > IDLE)) {
      cut(said);
      recorder = record();
    }
  }, LOOK);
  return () => {
    clearInterval(timer);
    cut(spoken >= SPOKEN);
    void context.close();
  };
}
