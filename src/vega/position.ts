/**
 * Sinusoidal position code (Vaswani et al. 2017): sin(p·ω_i) and cos(p·ω_i) alternate, ω_i = 10000^(−2i/H). Rounded to
 * float32 at each step, as PyTorch computes it. Rows are made when first needed, so dialogues have no longest length.
 */
export class PositionCode {
  /** [ceil(H/2)] ω_i, rounded to float32. */
  readonly frequencies: readonly number[];
  private readonly rows: Float32Array[] = [];
  private readonly hidden: number;

  constructor(hidden: number) {
    this.hidden = hidden;
    const exponent = Math.fround(-(Math.log(10000) / hidden));
    this.frequencies = Array.from({ length: Math.ceil(hidden / 2) }, (_, i) =>
      Math.fround(Math.exp(Math.fround(2 * i * exponent))),
    );
  }

  /** @param position 0, 1, …; @returns [H]. */
  row(position: number): Float32Array {
    for (let p = this.rows.length; p <= position; p++) {
      this.rows.push(
        Float32Array.from({ length: this.hidden }, (_, i) => {
          const angle = Math.fround(p * this.frequencies[i >> 1]);
          return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
        }),
      );
    }
    return this.rows[position];
  }
}
