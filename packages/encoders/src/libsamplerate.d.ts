// The package has no types that resolve under Node's module resolution.
declare module '@alexanderolsen/libsamplerate-js' {
  interface Converter {
    simple(samples: Float32Array): Float32Array;
    destroy(): void;
  }
  const library: {
    create(channels: number, from: number, to: number, options: { converterType: number }): Promise<Converter>;
    ConverterType: { SRC_SINC_MEDIUM_QUALITY: number };
  };
  export default library;
}
