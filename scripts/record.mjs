// Writes recordings with the codecs that node-av brings: for tests, and for the sample corpus.
import { fileURLToPath } from 'node:url';
import * as av from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FilterGraph,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
} from 'node-av/lib';

Log.setLevel(av.AV_LOG_ERROR);

/** Codecs of pictures and sound, by the file's ending. */
const CODECS = {
  mp4: ['libx264', 'aac'],
  mov: ['libx264', 'aac'],
  m4a: [undefined, 'aac'],
  mkv: ['libx264', 'aac'],
  webm: ['libvpx-vp9', 'libopus'],
  avi: ['mpeg4', 'libmp3lame'],
  ts: ['mpeg2video', 'mp2'],
  ogg: ['libtheora', 'libvorbis'],
  opus: [undefined, 'libopus'],
  mp3: [undefined, 'libmp3lame'],
  flac: [undefined, 'flac'],
  wav: [undefined, 'pcm_s16le'],
};
/** Quick rather than small. */
const OPTIONS = { libx264: { preset: 'ultrafast' }, 'libvpx-vp9': { deadline: 'realtime', 'cpu-used': '8' } };

/**
 * Writes a recording; its ending says which container and codecs.
 * @param {string} path
 * @param recording `pictures` and `sound`: FFmpeg's filters that make a track, or `{ filters, codec, options, format,
 * rate, layout, frames }`, where the filters may take `frames` from a source named @in; `muxing`: the container's options.
 */
export function record(path, { pictures, sound, muxing = {} }) {
  const [videoCodec, audioCodec] = CODECS[path.split('.').at(-1)] ?? [];
  const output = openOutput(path);
  const tracks = [];
  if (pictures) tracks.push(pictureTrack(output, { codec: videoCodec, ...asSource(pictures) }));
  if (sound) tracks.push(soundTrack(output, { codec: audioCodec, ...asSource(sound) }));
  must(output.openOutputSync(), `open ${path}`);
  must(output.writeHeaderSync(Dictionary.fromObject(muxing)), 'write the header');
  // Always the packet that comes first, so that the tracks lie beside each other in the file.
  const waiting = tracks.map((packets) => packets.next().value);
  for (;;) {
    let first = -1;
    for (const [i, next] of waiting.entries()) {
      if (next !== undefined && (first < 0 || next.time < waiting[first].time)) first = i;
    }
    if (first < 0) break;
    must(output.interleavedWriteFrameSync(waiting[first].packet), 'write a packet');
    waiting[first].packet.free();
    waiting[first] = tracks[first].next().value;
  }
  closeOutput(output);
}

/** Copies the tracks of a recording into another container, as they are. */
export function remux(from, to, muxing = {}) {
  const input = new FormatContext();
  input.allocContext();
  must(input.openInputSync(`file:${from}`), `open ${from}`);
  must(input.findStreamInfoSync(), `read ${from}`);
  const output = openOutput(to);
  const streams = input.streams.map((stream) => {
    const copy = output.newStream();
    stream.codecpar.copy(copy.codecpar);
    copy.codecpar.codecTag = 0;
    copy.timeBase = stream.timeBase;
    return copy;
  });
  must(output.openOutputSync(), `open ${to}`);
  must(output.writeHeaderSync(Dictionary.fromObject(muxing)), 'write the header');
  const packet = new Packet();
  packet.alloc();
  while (input.readFrameSync(packet) >= 0) {
    const { index, timeBase } = input.streams[packet.streamIndex];
    packet.rescaleTs(timeBase, streams[index].timeBase);
    packet.pos = -1n;
    must(output.interleavedWriteFrameSync(packet), 'write a packet');
  }
  packet.free();
  input.closeInputSync();
  closeOutput(output);
}

function openOutput(path) {
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, `file:${path}`), `make ${path}`);
  return output;
}

function closeOutput(output) {
  must(output.writeTrailerSync(), 'write the end');
  output.closeOutputSync();
  output.freeContext();
}

const asSource = (source) => (typeof source === 'string' ? { filters: source } : source);

function pictureTrack(output, { codec, filters, options = {}, format = 'yuv420p', frames }) {
  const graph = build(`${filters},format=${format},buffersink@out`);
  const sink = side(graph, '@out');
  const encoder = newEncoder(output, codec);
  encoder.width = sink.buffersinkGetWidth();
  encoder.height = sink.buffersinkGetHeight();
  encoder.pixelFormat = sink.buffersinkGetFormat();
  encoder.sampleAspectRatio = sink.buffersinkGetSampleAspectRatio();
  encoder.timeBase = sink.buffersinkGetTimeBase();
  const rate = sink.buffersinkGetFrameRate();
  if (rate.num > 0) encoder.framerate = rate;
  return packetsOf(output, openEncoder(encoder, codec, options), graph, frames);
}

function soundTrack(output, { codec, filters, options = {}, rate, layout, frames }) {
  const wanted = [`sample_fmts=${formatOf(codec)}`];
  if (rate !== undefined) wanted.push(`sample_rates=${rate}`);
  if (layout !== undefined) wanted.push(`channel_layouts=${layout}`);
  const chain = `${filters},aformat=${wanted.join(':')}`;
  const trial = build(`${chain},abuffersink@out`);
  const sink = side(trial, '@out');
  const encoder = newEncoder(output, codec);
  encoder.sampleRate = sink.buffersinkGetSampleRate();
  encoder.sampleFormat = sink.buffersinkGetFormat();
  encoder.channelLayout = sink.buffersinkGetChannelLayout();
  encoder.timeBase = new Rational(1, encoder.sampleRate);
  trial.free();
  const opened = openEncoder(encoder, codec, options);
  const size = encoder.frameSize > 0 ? `,asetnsamples=n=${encoder.frameSize}:p=0` : '';
  return packetsOf(output, opened, build(`${chain}${size},abuffersink@out`), frames);
}

/** Sound as the codec takes it. */
function formatOf(codec) {
  return { flac: 's16', pcm_s16le: 's16', pcm_mulaw: 's16', libopus: 'flt', mp2: 's16' }[codec] ?? 'fltp';
}

function newEncoder(output, codec) {
  const encoder = new CodecContext();
  encoder.allocContext3(Codec.findEncoderByName(codec));
  encoder.threadCount = 1;
  if (output.oformat.flags & av.AVFMT_GLOBALHEADER) encoder.setFlags(av.AV_CODEC_FLAG_GLOBAL_HEADER);
  return encoder;
}

function openEncoder(encoder, codec, options) {
  // Given as a dictionary, they would be freed twice (node-av 6.1.1).
  for (const [name, value] of Object.entries({ strict: '-2', ...OPTIONS[codec], ...options })) {
    encoder.setOption(name, value, av.AV_OPT_TYPE_STRING);
  }
  must(encoder.open2Sync(Codec.findEncoderByName(codec), null), `encode with ${codec}`);
  return encoder;
}

function packetsOf(output, encoder, graph, frames) {
  const stream = output.newStream();
  must(encoder.parametersFromContext(stream.codecpar), 'describe a track');
  stream.timeBase = encoder.timeBase;
  stream.sampleAspectRatio = encoder.sampleAspectRatio;
  return encode(encoder, graph, stream, frames);
}

/** The packets of a track, with the time of each in seconds. @param frames put into the filters' source named @in */
function* encode(encoder, graph, stream, frames) {
  const sink = side(graph, '@out');
  const tick = sink.buffersinkGetTimeBase();
  const frame = new Frame();
  frame.alloc();
  function* packets() {
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if (encoder.receivePacketSync(packet) < 0) {
        packet.free();
        return;
      }
      packet.streamIndex = stream.index;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      const { num, den } = stream.timeBase;
      yield { packet, time: (Number(packet.dts) * num) / den };
    }
  }
  function* drain() {
    while (sink.buffersinkGetFrameSync(frame) >= 0) {
      frame.timeBase = tick;
      frame.pictType = av.AV_PICTURE_TYPE_NONE;
      must(encoder.sendFrameSync(frame), 'encode');
      frame.unref();
      yield* packets();
    }
  }
  if (frames !== undefined) {
    const source = side(graph, '@in');
    for (const one of frames) {
      must(source.buffersrcAddFrameSync(one), 'take a frame');
      one.free();
      yield* drain();
    }
    source.buffersrcAddFrameSync(null);
  }
  yield* drain();
  must(encoder.sendFrameSync(null), 'end');
  yield* packets();
  frame.free();
  graph.free();
  encoder.freeContext();
}

function build(text) {
  const graph = new FilterGraph();
  graph.alloc();
  graph.nbThreads = 1;
  must(graph.parsePtr(text), `read the filters ${text}`);
  must(graph.configSync(), `set up the filters ${text}`);
  return graph;
}

function side(graph, end) {
  return graph.filters.find(({ name }) => name.endsWith(end));
}

function must(code, what) {
  if (code < 0) throw new Error(`Cannot ${what}: ${new FFmpegError(code).message}`);
}

// As a program: node scripts/record.mjs '[["record", PATH, {…}], ["remux", FROM, TO]]'.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [what, ...args] of JSON.parse(process.argv[2])) ({ record, remux })[what](...args);
}
