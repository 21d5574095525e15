// Runs the steps of the Dockerfile one by one in a temporary folder, then the server as the image would, for where there
// is no Docker: node docker/steps.mjs [RUN]
// What is not checked so: the base image, its users, and the compose file's limits.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerfileParser } from 'dockerfile-ast';

const project = fileURLToPath(new URL('..', import.meta.url));
const model = process.argv[2] ?? 'starter';
const run = existsSync(model) ? resolve(model) : model;
const parsed = DockerfileParser.parse(readFileSync(join(project, 'docker/Dockerfile'), 'utf8'));
const ignored = readFileSync(join(project, 'docker/Dockerfile.dockerignore'), 'utf8').split('\n').filter(Boolean);
const root = mkdtempSync(join(tmpdir(), 'vega-image-'));

/** Stages by name and number: the folder that stands for "/", and where its commands run. */
const stages = new Map();
let stage;
let count = 0;
// npm's settings and cache are those of this machine.
const environment = { ...process.env };
const images = { entrypoint: [], health: [] };

const STEPS = {
  FROM(_, words) {
    stage = { folder: join(root, `${count}`), directory: '/' };
    stages.set(`${count++}`, stage).set(words[2] ?? '', stage);
    mkdirSync(stage.folder);
  },
  WORKDIR(_, [path]) {
    stage.directory = resolve(stage.directory, path);
    mkdirSync(at('.'), { recursive: true });
  },
  COPY: copy,
  RUN: (step) => shell(step.getArgumentsContent()),
  ENTRYPOINT: (step) => Object.assign(images, { entrypoint: JSON.parse(step.getArgumentsContent()) }),
  HEALTHCHECK: (step) =>
    Object.assign(images, { health: JSON.parse(step.getArgumentsContent().replace(/^.*?CMD /, '')) }),
  CMD: () => undefined,
  ENV: () => undefined,
  USER: () => undefined,
  EXPOSE: () => undefined,
  STOPSIGNAL: () => undefined,
};

for (const step of parsed.getInstructions()) {
  const words = step.getArguments().map((argument) => argument.getValue());
  console.log(`${step.getKeyword()} ${step.getArgumentsContent() ?? ''}`);
  STEPS[step.getKeyword()](step, words);
}
await serve();
rmSync(root, { recursive: true, force: true });

function at(path) {
  return join(stage.folder, resolve(stage.directory, path));
}

function copy(step, words) {
  const flag = step.getFlags().find((one) => one.getName() === 'from');
  const [to, ...froms] = words.toReversed();
  for (const from of froms) {
    const source = flag ? join(stages.get(flag.getValue()).folder, from) : join(project, from);
    const target =
      to.endsWith('/') && !from.endsWith('/') && from !== '.' ? join(at(to), from.split('/').at(-1)) : at(to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: flag ? undefined : (path) => !isIgnored(relative(project, path)),
    });
  }
}

function isIgnored(path) {
  const patterns = ignored.map((one) =>
    one
      .replaceAll('.', '\\.')
      .replace('**/', '(.*/)?')
      .replaceAll(/(?<![.)])\*/g, '[^/]*'),
  );
  return patterns.some((pattern) => new RegExp(`^${pattern}(/|$)`).test(path));
}

function shell(command) {
  const { status } = spawnSync('/bin/sh', ['-c', command], {
    cwd: at('.'),
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`The step ended with ${status}: ${command}`);
}

/** The image's command with the token and the model where the steps put them. */
async function serve() {
  const token = 'a-token-for-the-steps-only';
  writeFileSync(join(root, 'token'), token);
  const command = [...images.entrypoint, run].map((word) =>
    word === '/run/secrets/token' ? join(root, 'token') : word,
  );
  const server = spawn(command[0], command.slice(1), {
    cwd: at('.'),
    env: { ...environment, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => server.once('exit', (code) => done(code)));
  for (let i = 0; i < 100; i++) {
    const { status } = spawnSync(images.health[0], images.health.slice(1), { env: environment });
    if (status === 0) break;
    if (i === 99) throw new Error('The server does not become healthy.');
    await new Promise((done) => setTimeout(done, 300));
  }
  const ask = (headers) => fetch('http://127.0.0.1:8080/v1/models', { headers });
  if ((await ask({})).status !== 401) throw new Error('The server answers without its token.');
  const response = await ask({ authorization: `Bearer ${token}` });
  if (response.status !== 200) throw new Error(`The server answers with ${response.status}.`);
  console.log(await response.text());
  server.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) throw new Error(`The server ended with ${code}.`);
  console.log('The steps make a server that lives, wants its token, and stops.');
}
