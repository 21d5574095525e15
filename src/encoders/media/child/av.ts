import { loadCodecs } from 'vega-merc-encoders';

type Codecs = typeof import('node-av/lib') & typeof import('node-av/constants');

export type CodecContext = import('node-av/lib').CodecContext;
export type FilterGraph = import('node-av/lib').FilterGraph;
export type FormatContext = import('node-av/lib').FormatContext;
export type Frame = import('node-av/lib').Frame;
export type Packet = import('node-av/lib').Packet;
export type Stream = import('node-av/lib').Stream;

/** FFmpeg's libraries, as far as they are used here. */
export const {
  AV_CODEC_ID_OPUS,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_FRAME_DATA_DISPLAYMATRIX,
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_SKIP_SAMPLES,
  AV_PKT_FLAG_CORRUPT,
  AVDISCARD_ALL,
  AVDISCARD_DEFAULT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avGetPixFmtName,
  avGetSampleFmtName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FilterGraph,
  FormatContext,
  Frame,
  InputFormat,
  Log,
  Packet,
  Rational,
} = (await loadCodecs()) as Codecs;

// Errors come back as codes; on the standard error they would be nobody's.
Log.setLevel(AV_LOG_QUIET);
