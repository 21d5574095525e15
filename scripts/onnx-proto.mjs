// Writes src/graph/protobuf/onnx_pb.ts anew from onnx.proto beside it. Only needed when one of the two versions below, or
// onnx.proto, changes: the result is in the repository, and neither tool is a dependency.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMPILER = '@bufbuild/buf@1.75.0';
/** Of the same version as @bufbuild/protobuf in package.json. */
const GENERATOR = '@bufbuild/protoc-gen-es@2.17.0';
const template = {
  version: 'v2',
  plugins: [{ local: 'protoc-gen-es', out: '.', opt: ['target=ts', 'import_extension=js', 'erasable_syntax=true'] }],
};
const { status } = spawnSync(
  process.platform === 'win32' ? 'npx.cmd' : 'npx',
  ['--yes', '-p', COMPILER, '-p', GENERATOR, 'buf', 'generate', '--template', JSON.stringify(template)],
  { cwd: fileURLToPath(new URL('../src/graph/protobuf', import.meta.url)), stdio: 'inherit' },
);
process.exit(status ?? 1);
