const MIB = 1024 * 1024;

/** What one server takes on, so that no client can take it away from the others. */
export interface Limits {
  /** Bytes of a JSON body. */
  json: number;
  /** Bytes of an upload, all its parts together. */
  upload: number;
  /** Bytes of a picture, and of a transcript. */
  picture: number;
  transcript: number;
  /** Parts of an upload. */
  parts: number;
  /** Utterances of a conversation, predicted whole or going on. */
  utterances: number;
  /** Characters of an utterance's words. */
  text: number;
  /** Conversations that are waiting or computed, of words and features; more are turned away. */
  waiting: number;
  /** Uploads that are received, waiting or decoded. */
  uploads: number;
  /** Bytes of JSON bodies in memory at a time. */
  memory: number;
  /** Conversations that go on: of all clients, and of one. */
  conversations: number;
  conversationsEach: number;
  /** Streams of events, of all clients. */
  streams: number;
  /** A conversation in which nothing was said for so long is over, milliseconds. */
  idle: number;
  /** Requests a minute of one client; 0 = any number. */
  rate: number;
  /** Longest computation of one conversation, and of one upload's media, milliseconds. */
  computing: number;
  decoding: number;
  /** A body must come at a kilobyte a second after so long, milliseconds. */
  patience: number;
}

export const DEFAULT_LIMITS: Limits = {
  json: 8 * MIB,
  upload: 512 * MIB,
  picture: 20 * MIB,
  transcript: 2 * MIB,
  parts: 200,
  utterances: 500,
  text: 10_000,
  waiting: 64,
  uploads: 4,
  memory: 128 * MIB,
  conversations: 100,
  conversationsEach: 25,
  streams: 100,
  idle: 30 * 60_000,
  rate: 1200,
  computing: 60_000,
  decoding: 600_000,
  patience: 10_000,
};
