export { createHearing, type Hearing, type HearingOptions } from './hearing.js';
export type { HeardUtterance } from './listen.js';
export { describeHearing } from './networks.js';
export { type SpeakerOptions, tellSpeakers, type VoiceSample } from './speakers.js';
