import { describe, expect, it } from 'vitest';
import { loadOptional } from '../../src/encoders/optional.js';

describe('loadOptional', () => {
  it('gives the line that installs what is missing', async () => {
    const absent = 'no-such-package-anywhere';
    await expect(loadOptional(() => import(absent), 'Reading pictures', ['sharp'])).rejects.toThrow(
      'Reading pictures needs sharp, which is not installed. Install with: npm install sharp',
    );
  });

  it('says why a package that is there cannot be loaded', async () => {
    const broken = () => Promise.reject(new Error('\nCould not load the "sharp" module using the musl runtime\nmore'));
    await expect(loadOptional(broken, 'Reading pictures', ['sharp', 'other'])).rejects.toThrow(
      'needs sharp and other, which are installed but cannot be loaded (Could not load the "sharp" module using the musl runtime)',
    );
  });
});
