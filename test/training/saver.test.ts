import { describe, expect, it } from 'vitest';
import { CheckpointPacer } from '../../src/training/saver.js';

describe('CheckpointPacer', () => {
  it('writes as often as writing stays below a tenth of the time', () => {
    let clock = 0;
    const pacer = new CheckpointPacer(() => clock);
    const written: number[] = [];
    for (let epoch = 1; epoch <= 40; epoch++) {
      clock += 1;
      if (!pacer.due()) continue;
      pacer.write(() => {
        clock += 0.5;
      });
      written.push(epoch);
    }
    expect(written.slice(0, 3)).toEqual([1, 6, 11]);
    expect((written.length * 0.5) / clock).toBeLessThanOrEqual(0.1);
  });

  it('writes after every epoch where that is cheap', () => {
    let clock = 0;
    const pacer = new CheckpointPacer(() => clock);
    for (let epoch = 1; epoch <= 5; epoch++) {
      clock += 1;
      expect(pacer.due()).toBe(true);
      pacer.write(() => {
        clock += 0.05;
      });
    }
  });
});
