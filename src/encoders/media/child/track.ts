import { ClipError } from '../errors.js';
import {
  AV_PKT_FLAG_CORRUPT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  Codec,
  CodecContext,
  FilterGraph,
  Frame,
  Packet,
  type Stream,
} from './av.js';
import { type Container, explain } from './container.js';
import { sayAlive } from './send.js';

/** How the frames of a track become what is asked for. */
export interface Way {
  /** What of a frame the filters are made for; a frame that differs gets filters of its own. */
  shapeOf(frame: Frame): string;
  /** Filters from source to sink for frames like this one, in FFmpeg's words. */
  filtersFor(frame: Frame): string;
  /** Sets a frame's time as the filters' source counts it. */
  setTime(frame: Frame): void;
  take(frame: Frame, sink: { time: number }): void;
  /** Sets right what a container says wrongly of a packet. */
  mend?(packet: Packet): void;
}

/** How the reading of a track went. */
export interface Reading {
  /** Whether all that was asked for lay before the file's end. */
  satisfied: boolean;
  /** Whether the track's last packet was not whole. */
  torn: boolean;
  /** Where the last packet ends, seconds from the file's beginning. */
  reached: number;
}

/** Of frames that cannot be decoded, this share makes a track useless. */
const MOST_BAD = 2 / 3;

/**
 * Decodes a track from where the container stands, frame by frame, through filters.
 * @throws ClipError where it cannot be decoded.
 */
export function decodeTrack(container: Container, stream: Stream, way: Way): Reading {
  const codec = openCodec(stream);
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const filters = filterFrames(way);
  const reading: Reading = { satisfied: false, torn: false, reached: 0 };
  let [good, bad, lastError] = [0, 0, 0];
  const receive = () => {
    for (;;) {
      const received = codec.receiveFrameSync(frame);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
      if (received < 0) {
        bad++;
        lastError = received;
        return;
      }
      good++;
      reading.satisfied = filters.push(frame);
      frame.unref();
      if (reading.satisfied) return;
    }
  };
  try {
    while (!reading.satisfied) {
      const read = container.format.readFrameSync(packet);
      if (read === AVERROR_EAGAIN) continue;
      // What else can go wrong here is an end that comes too early; that is found by what is lacking.
      if (read < 0) break;
      // An empty packet repeats the last picture; to a codec it would be the end.
      if (packet.streamIndex === stream.index && packet.size > 0) {
        reading.torn = (packet.flags & AV_PKT_FLAG_CORRUPT) !== 0;
        reading.reached = Math.max(reading.reached, endOf(packet, stream) - container.origin);
        way.mend?.(packet);
        const sent = codec.sendPacketSync(packet);
        if (sent < 0 && sent !== AVERROR_EAGAIN) {
          bad++;
          lastError = sent;
        } else receive();
      }
      packet.unref();
      sayAlive();
    }
    if (!reading.satisfied) {
      codec.sendPacketSync(null);
      receive();
    }
    filters.finish();
  } finally {
    filters.free();
    frame.free();
    packet.free();
    codec.freeContext();
  }
  if (bad > (good + bad) * MOST_BAD) throw new ClipError(explain(lastError));
  return reading;
}

/** Reads a track's packets without decoding them. @returns where the last one ends, seconds from the file's beginning. */
export function reachOf(container: Container, stream: Stream): number {
  const packet = new Packet();
  packet.alloc();
  let reached = 0;
  for (;;) {
    const read = container.format.readFrameSync(packet);
    if (read < 0 && read !== AVERROR_EAGAIN) break;
    if (read >= 0 && packet.streamIndex === stream.index) {
      reached = Math.max(reached, endOf(packet, stream) - container.origin);
    }
    packet.unref();
    sayAlive();
  }
  packet.free();
  return reached;
}

function endOf({ pts, duration }: Packet, stream: Stream): number {
  const { num, den } = stream.timeBase;
  const end = (Number(pts + duration) * num) / den;
  // A packet without a time has the smallest number for one.
  return end < -1e9 ? 0 : end;
}

function openCodec(stream: Stream): CodecContext {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) throw new ClipError('is in a format that cannot be decoded');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(stream.codecpar);
  context.pktTimebase = stream.timeBase;
  context.threadCount = 1;
  const opened = context.open2Sync(codec, null);
  if (opened < 0) {
    context.freeContext();
    throw new ClipError(explain(opened));
  }
  return context;
}

/** Puts frames through filters, which are made anew where the frames change their shape. */
function filterFrames(way: Way) {
  const out = new Frame();
  out.alloc();
  let graph: { shape: string; all: FilterGraph; source: FilterSide; sink: FilterSide; tick: number } | undefined;
  /** @returns whether the filters want no more. */
  const drain = (): boolean => {
    if (graph === undefined) return false;
    for (;;) {
      const got = graph.sink.buffersinkGetFrameSync(out);
      if (got === AVERROR_EOF) return true;
      if (got < 0) return false;
      way.take(out, { time: Number(out.pts) * graph.tick });
      out.unref();
    }
  };
  const finish = () => {
    graph?.source.buffersrcAddFrameSync(null);
    drain();
  };
  const free = () => {
    graph?.all.free();
    graph = undefined;
  };
  return {
    push(frame: Frame): boolean {
      const shape = way.shapeOf(frame);
      if (graph !== undefined && graph.shape !== shape) {
        finish();
        free();
      }
      graph ??= { shape, ...buildGraph(way.filtersFor(frame)) };
      way.setTime(frame);
      // Filters that have all they want take no more, and say so.
      return graph.source.buffersrcAddFrameSync(frame) === AVERROR_EOF || drain();
    },
    finish,
    free() {
      free();
      out.free();
    },
  };
}

type FilterSide = NonNullable<ReturnType<FilterGraph['getFilter']>>;

/** @param text begins with a source named @in and ends with a sink named @out. */
function buildGraph(text: string) {
  const all = new FilterGraph();
  all.alloc();
  all.nbThreads = 1;
  const parsed = all.parsePtr(text);
  const configured = parsed < 0 ? parsed : all.configSync();
  if (configured < 0) {
    all.free();
    throw new ClipError(explain(configured));
  }
  const side = (end: string) => all.filters?.find(({ name }) => name?.endsWith(end)) as FilterSide;
  const sink = side('@out');
  const { num, den } = sink.buffersinkGetTimeBase();
  return { all, source: side('@in'), sink, tick: num / den };
}
