import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';

// The short form of bench/chaos.mjs; what it measures with twenty kills each stands in docs/performance.md.
it.runIf(existsSync('/proc/self/stat')).each(['train', 'experiment', 'extract', 'anchors'])(
  '%s, killed at random moments and called again, ends with the same bytes, and leaves no file and no process behind',
  (command) => {
    const args = ['bench/chaos.mjs', '--kills', '1', '--seed', '7', '--only', command, '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { [command]: found } = JSON.parse(stdout) as Record<string, { kills: number }>;
    expect(found).toMatchObject({ different: [], left: [], orphans: 0 });
    expect(found.kills).toBe(1);
  },
  600_000,
);
