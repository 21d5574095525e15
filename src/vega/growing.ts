/** Rows that grow: appending copies the rows so far only when their room has been doubled. */
export class GrowingRows {
  private readonly width: number;
  private rows: Float32Array;
  private count = 0;

  constructor(width: number) {
    this.width = width;
    this.rows = new Float32Array(16 * width);
  }

  get length(): number {
    return this.count;
  }

  append(row: Float32Array): void {
    const end = (this.count + 1) * this.width;
    if (end > this.rows.length) {
      const wider = new Float32Array(2 * this.rows.length);
      wider.set(this.rows);
      this.rows = wider;
    }
    this.rows.set(row, this.count * this.width);
    this.count++;
  }

  /** [length, width], valid until the next append. */
  view(): Float32Array {
    return this.rows.subarray(0, this.count * this.width);
  }
}
