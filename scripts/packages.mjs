// What the build takes of other packages: code bundled into ours, and the licences that go with it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The folder in which npm put a package of this repository. */
export function packageFolder(name) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) throw new Error(`${name} is not installed: run npm ci.`);
  return folder;
}

/** What the package says of itself. */
export function packageManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The package's own licence and notice files. */
export function licenceFiles(folder) {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|notice)(\.(md|txt))?$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Bundles with esbuild for Node, and writes beside the output the notices of all packages whose code is in it.
 * @param options of esbuild, beyond what every bundle of ours has.
 */
export async function bundlePackages(options) {
  const { metafile } = await build({
    bundle: true,
    platform: 'node',
    target: 'node20',
    legalComments: 'eof',
    metafile: true,
    absWorkingDir: root,
    logLevel: 'warning',
    ...options,
  });
  const files = Object.keys(metafile.inputs).map((input) => join(root, input));
  writeFileSync(`${options.outfile}.LICENSES.txt`, noticesOf(files));
}

/** The notices of all packages that these files are of. */
export function noticesOf(files) {
  const folders = new Set(files.flatMap((file) => packageOf(file) ?? []));
  return [...folders]
    .sort()
    .map((folder) => notice(folder, files))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package that a file is of; undefined for files of our own. */
function packageOf(file) {
  if (!file.includes('node_modules')) return undefined;
  let folder = dirname(file);
  // Some packages hold nameless package.json files that only say how to read a folder.
  while (!existsSync(join(folder, 'package.json')) || packageManifest(folder).version === undefined) {
    folder = dirname(folder);
  }
  return folder;
}

/** @param files of which those of the package may say under which terms they are. */
function notice(folder, files) {
  const { name, version, license, author, homepage } = packageManifest(folder);
  const by = typeof author === 'object' ? author.name : author;
  const head = [`${name} ${version}`, license, by, homepage].filter((line) => line).join('\n');
  const text =
    licenceText(folder, license) ??
    headings(
      files.filter((file) => file.startsWith(`${folder}/`)),
      license,
    );
  if (text === undefined) throw new Error(`${name} says nowhere under which terms it may be handed on.`);
  return `${head}\n\n${text}\n`;
}

function licenceText(folder, license) {
  const files = licenceFiles(folder);
  // The one licence of which a package may hold no copy: its text names nobody.
  if (files.length === 0 && license === 'Apache-2.0') files.push(...licenceFiles(packageFolder('typescript')));
  if (files.length > 0) return files.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n');
  const readme = join(folder, 'README.md');
  return existsSync(readme) ? /^(#+ )?licen[cs]e\b[\s\S]*/im.exec(readFileSync(readme, 'utf8'))?.[0].trim() : undefined;
}

/** The copyright comments of some files, with the text of the Apache licence where that is one of theirs. */
function headings(files, license) {
  const found = files.flatMap(
    (file) =>
      readFileSync(file, 'utf8').match(/^((\/\/[^\n]*\n)*\/\/[^\n]*Copyright[^\n]*\n(\/\/[^\n]*\n)*)/m)?.[0] ?? [],
  );
  if (found.length === 0) return undefined;
  const texts = /Apache-2\.0/.test(license) ? licenceFiles(packageFolder('typescript')) : [];
  return [...new Set(found), ...texts.map((file) => readFileSync(file, 'utf8'))]
    .map((text) => text.trim())
    .join('\n\n');
}
