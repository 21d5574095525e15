import { describe, expect, it } from 'vitest';
import type { Outcome, Task } from '../../../src/encoders/extract/encode.js';
import { encodeAll, groupsFor } from '../../../src/encoders/extract/encodeAll.js';
import type { Want } from '../../../src/encoders/extract/plan.js';
import type { EncoderPool } from '../../../src/encoders/extract/pool.js';

const clips = (count: number): Want[] =>
  Array.from({ length: count }, (_, i) => ({
    modality: 'audio',
    key: `${i}`,
    rows: [i],
    clip: { media: `${i}.wav` },
    short: true,
  }));
const namesOf = (task: Task) => ('clips' in task ? task.clips.map(({ media }) => media) : []);
const present: Outcome = { state: 'present', row: Float32Array.of(1) };

/** @param dies says at which tasks the process dies. */
function fakePool(size: number, dies: (names: string[]) => boolean) {
  const asked: string[][] = [];
  let closed = 0;
  const pool: EncoderPool = {
    size,
    async run(task) {
      asked.push(namesOf(task));
      return dies(namesOf(task)) ? { died: 'SIGKILL' } : namesOf(task).map(() => present);
    },
    close: async () => void closed++,
  };
  return { pool, asked, closed: () => closed };
}

async function outcomesOf(wants: Want[], pool: EncoderPool): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  await encodeAll(
    groupsFor(wants),
    () => true,
    pool,
    ({ key }, outcome) => outcomes.set(key, outcome.state),
  );
  return outcomes;
}

describe('encodeAll', () => {
  it('keeps a group of texts whole however much of it is known: their last digits hang on one another', async () => {
    const wants = ['a', 'bb', 'ccc'].map(
      (text, i): Want => ({ modality: 'text', key: text, rows: [i], text, short: true }),
    );
    const asked: string[][] = [];
    const pool: EncoderPool = {
      size: 1,
      async run(task) {
        const texts = 'texts' in task ? [...task.texts] : [];
        asked.push(texts);
        return texts.map(() => present);
      },
      close: async () => undefined,
    };
    const settled: string[] = [];
    await encodeAll(
      groupsFor([...wants].reverse()),
      ({ key }) => key !== 'bb',
      pool,
      ({ key }) => settled.push(key),
    );
    expect(asked).toEqual([['a', 'bb', 'ccc']]);
    expect(settled).toEqual(['a', 'ccc']);
  });

  it('records the clip at which processes die, and no other', async () => {
    const { pool, closed } = fakePool(2, (names) => names.includes('3.wav'));
    const outcomes = await outcomesOf(clips(12), pool);
    expect([...outcomes].filter(([, state]) => state === 'failed')).toEqual([['3', 'failed']]);
    expect(outcomes.size).toBe(12);
    expect(closed()).toBe(1);
  });

  it('blames nobody for processes that something else ends', async () => {
    let deaths = 0;
    const { pool } = fakePool(2, (names) => (names.length > 1 || names[0] === '5.wav') && deaths++ < 3);
    expect([...new Set((await outcomesOf(clips(16), pool)).values())]).toEqual(['present']);
    expect(deaths).toBeGreaterThanOrEqual(3);
  });

  it('ends everything when an outcome cannot be kept', async () => {
    const { pool, asked, closed } = fakePool(2, () => false);
    const full = () => {
      throw new Error('the disk is full');
    };
    await expect(encodeAll(groupsFor(clips(800)), () => true, pool, full)).rejects.toThrow('the disk is full');
    expect(closed()).toBe(1);
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
