import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();

describe('vega-merc', () => {
  test('says its version and its commands', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(vegaMerc(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = vegaMerc(['--help']);
    expect(help.status).toBe(0);
    expect(help.stderr).toBe('');
    expect(help.stdout).toMatch(/Commands:\n {2}import .*\n/);
    expect(help.stdout).toContain('Exit codes: 0 done, 1 failed, 2 used wrongly.');
  });

  test('every command has examples in its help', () => {
    const commands = [...vegaMerc(['--help']).stdout.matchAll(/^ {2}([a-z]+) .*\[options\]/gm)].map(([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(['import', 'info', 'sample']));
    for (const command of commands) {
      const { status, stdout } = vegaMerc([command, '--help']);
      expect(status).toBe(0);
      expect(stdout, command).toMatch(/Examples?:\n/);
      expect(stdout, command).toContain(`$ vega-merc ${command}`);
    }
  });

  test.each([
    [[], /Usage: vega-merc/],
    [['imprt'], /unknown command 'imprt'\n\(Did you mean import\?\)/],
    [['info', '--jso', 'x'], /unknown option '--jso'\n\(Did you mean --json\?\)/],
    [['info'], /missing required argument 'path'/],
    [['import', 'x.pkl'], /required option '--out <corpus>' not specified/],
    [['sample', 'x', '--seed', 'many'], /argument 'many' is invalid\. It must be a whole number from 0/],
    [['import', 'x.pkl', '--out', 'y', '--classes', 'a,,b'], /none empty/],
    [['import', 'x.pkl', '--out', 'y', '--text-layers', 'last'], /Allowed choices are first, mean/],
  ])('used wrongly (%j) exits with 2 and says why on stderr', (args, sentence) => {
    const { status, stdout, stderr } = vegaMerc(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(sentence);
  });

  test('a failure exits with 1 and one sentence, the stack trace only when asked for', () => {
    const path = inside('no-such-file');
    const { status, stdout, stderr } = vegaMerc(['info', path]);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: `vega-merc: ${path}: there is no such file or directory.\n`,
    });
    expect(vegaMerc(['info', path, '--verbose']).stderr).toMatch(/\n {4}at /);
    expect(vegaMerc(['--verbose', 'info', path]).stderr).toMatch(/\n {4}at /);
    expect(vegaMerc(['info', path], { VEGA_MERC_DEBUG: '1' }).stderr).toMatch(/\n {4}at /);
    expect(vegaMerc(['info', path], { VEGA_MERC_DEBUG: '0' }).stderr).not.toMatch(/\n {4}at /);
  });

  test('a reader that stops early is no error', () => {
    const script = '"$0" dist/cli/main.js --help | true; echo over';
    const { stderr, stdout } = spawnSync('sh', ['-c', script, process.execPath], { encoding: 'utf8' });
    expect([stderr, stdout]).toEqual(['', 'over\n']);
  });
});
