/** The part of fft.js (radix-4, Fedor Indutny) that is used here; the package has no types of its own. */
declare module 'fft.js' {
  export default class FFT {
    /** @param size a power of two. */
    constructor(size: number);
    /** An array for a complex spectrum: real and imaginary parts in turn. */
    createComplexArray(): number[];
    /** The first half of the spectrum (and the bin at half the rate) of a real signal. */
    realTransform(output: number[], input: ArrayLike<number>): void;
  }
}
