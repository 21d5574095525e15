/** Samples a second of all sound that encoders see. */
export const SAMPLE_RATE = 16_000;
