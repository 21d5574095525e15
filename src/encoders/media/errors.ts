/** A recording's tracks that are read. */
export type TrackKind = 'audio' | 'video';

/**
 * Why one clip cannot be used. It costs only that clip: the extraction records the reason and goes on.
 * The message is the rest of a sentence whose subject is the file: "is empty", "has no audio track".
 */
export class ClipError extends Error {
  override name = 'ClipError';
}

/** The file is whole, and has no track of the kind that is asked for. */
export class NoTrackError extends ClipError {
  override name = 'NoTrackError';
  readonly track: TrackKind;

  constructor(track: TrackKind) {
    super(`has no ${track} track`);
    this.track = track;
  }
}
