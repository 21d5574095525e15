import { expect, test } from 'vitest';
import { anchorSpaceOf, syntheticAnchors } from '../../src/anchors/index.js';
import type { AnchorSpace } from '../../src/anchors/move.js';
import { anchorSpaceIn, anchorSpaceTensors } from '../../src/run/index.js';

test('an anchor space comes back from the tensors of its file', () => {
  const bank = syntheticAnchors(['a', 'b', 'c'], 4, 1);
  for (const name of ['centred', 'whitened'] as const) {
    const space = anchorSpaceOf(bank, name) as AnchorSpace;
    expect(anchorSpaceIn(anchorSpaceTensors(space), 4, 'x')).toEqual(space);
    expect(() => anchorSpaceIn(anchorSpaceTensors(space), 5, 'x')).toThrow(
      'x: "mean" is [4], not [5]; the run is damaged.',
    );
  }
  expect(() => anchorSpaceIn(new Map(), 4, 'x')).toThrow('no tensor "mean"');
});
