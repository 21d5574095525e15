export { createHearing, type HeardUtterance, type Hearing, type HearingOptions } from './hearing.js';
export { describeHearing } from './networks.js';
export { type SpeakerOptions, tellSpeakers, type VoiceSample } from './speakers.js';
