import { describe, expect, it } from 'vitest';
import { CheckpointPacer } from '../../src/training/saver.js';

describe('CheckpointPacer', () => {
  it('writes as often as writing stays below a tenth of the time', async () => {
    let clock = 0;
    const pacer = new CheckpointPacer(() => clock);
    const written: number[] = [];
    for (let epoch = 1; epoch <= 40; epoch++) {
      clock += 1;
      if (!pacer.due()) continue;
      await pacer.write(() => {
        clock += 0.5;
      });
      written.push(epoch);
    }
    expect(written.slice(0, 3)).toEqual([1, 6, 11]);
    expect((written.length * 0.5) / clock).toBeLessThanOrEqual(0.1);
  });

  it('writes after every epoch where that is cheap', async () => {
    let clock = 0;
    const pacer = new CheckpointPacer(() => clock);
    for (let epoch = 1; epoch <= 5; epoch++) {
      clock += 1;
      expect(pacer.due()).toBe(true);
      await pacer.write(() => {
        clock += 0.05;
      });
    }
  });
});
