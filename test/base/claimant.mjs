// Claims a directory again and again, and says where two were in it at once.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectory } from '../../dist/base/claim.js';

const [directory, mode, times = '1'] = process.argv.slice(2);
if (mode === 'hold') {
  withDirectory(directory, { doing: 'train' }, async () => {
    process.stdout.write('held\n');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
} else {
  for (let i = 0; i < Number(times); i++) {
    withDirectory(directory, { doing: 'evaluate', wait: 60_000, brief: true }, () => {
      writeFileSync(join(directory, 'inside'), '', { flag: 'wx' });
      rmSync(join(directory, 'inside'));
    });
  }
}
