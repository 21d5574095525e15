import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../base/errors.js';
import type { RunningServer, ServedModel } from '../server/index.js';
import { integerOption, repeatedOption, threadsOption } from './options.js';
import { say } from './output.js';

interface ServeCommandOptions {
  host?: string;
  port?: number;
  tokenFile?: string;
  allowHost: string[];
  cors: string[];
  uploads?: string;
  workers?: number;
  decoders?: number;
  threads?: number;
  rate?: number;
  conversations?: number;
  idle?: number;
  maxUpload?: number;
  log: 'info' | 'warn' | 'error' | 'silent';
}

const MIB = 1024 * 1024;

export function register(program: Command): void {
  program
    .command('serve')
    .description('answer over HTTP: conversations whole, live, and as recordings')
    .argument('<model...>', 'run directories, the first the default; NAME=DIR gives one another name')
    .option('--host <address>', 'where it listens (default: 127.0.0.1, which only this machine reaches)')
    .option('--port <n>', '0 for one that is free (default: 8080)', integerOption)
    .option('--token-file <file>', 'holds what clients must show; needed where other machines can reach it')
    .option('--allow-host <name>', 'another name under which it may be called, as behind a proxy', repeatedOption, [])
    .option('--cors <origin>', 'pages of this origin may call it, as https://app.example', repeatedOption, [])
    .option('--uploads <dir>', "folder that uploads lie in for as long as their requests (default: the system's)")
    .option('--workers <n>', 'processes that predict (default: one for each four cores)', atLeastOne)
    .option('--decoders <n>', 'processes that read uploads (default: 1)', atLeastOne)
    .option('--threads <n>', 'threads of each process that predicts (default: the cores, shared)', threadsOption)
    .option('--rate <n>', 'requests a minute of one client; 0 for any number (default: 1200)', integerOption)
    .option('--conversations <n>', 'that go on at a time (default: 100)', atLeastOne)
    .option(
      '--idle <seconds>',
      'after which a conversation in which nothing is said is over (default: 1800)',
      atLeastOne,
    )
    .option('--max-upload <MiB>', 'largest upload (default: 512)', atLeastOne)
    .option('--log <level>', 'info, warn, error or silent', 'info')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc serve runs/1
  $ vega-merc serve runs/1 causal=runs/2 --port 9000
  $ vega-merc serve runs/1 --host 0.0.0.0 --token-file token

  $ curl -s localhost:8080/v1/predict -H 'content-type: application/json' \\
      -d '{"utterances":[{"speaker":"Ann","text":"You came!"}]}'
  $ curl -s localhost:8080/v1/predict -F recording=@talk.mp4 -F transcript=@talk.srt

It prints its address, and a line of JSON a request, which holds nothing of what is said. SIGTERM or Ctrl-C ends it when
what is in flight is answered, after 30 seconds at the latest; a second one at once. More in docs/serving.md.`,
    )
    .action(async (models: string[], options: ServeCommandOptions) => {
      const { createLog, readToken, startServer } = await import('../server/index.js');
      const log = createLog(levelOf(options.log));
      const server = await startServer({
        models: modelsOf(models),
        host: options.host,
        port: options.port,
        token: options.tokenFile === undefined ? undefined : readToken(options.tokenFile),
        hosts: options.allowHost,
        origins: options.cors.map(originOf),
        uploads: options.uploads,
        workers: options.workers,
        decoders: options.decoders,
        threads: options.threads,
        limits: {
          ...(options.rate !== undefined && { rate: options.rate }),
          ...(options.conversations !== undefined && { conversations: options.conversations }),
          ...(options.idle !== undefined && { idle: 1000 * options.idle }),
          ...(options.maxUpload !== undefined && { upload: options.maxUpload * MIB }),
        },
        log,
      });
      say(`Serving at ${server.address} (try it there; the API is at ${server.address}/openapi.json).`);
      await untilStopped(server);
      say('Stopped.');
    });
}

/** Until SIGTERM or Ctrl-C, and then until what is in flight is answered; a second one ends it at once. */
function untilStopped(server: RunningServer): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping) {
          void server.stop(0);
          return;
        }
        stopping = true;
        say('Stopping when what is in flight is answered.');
        server.stop().then(resolve, reject);
      });
    }
  });
}

/** "runs/1" is called "1"; "NAME=DIR" as it says. */
function modelsOf(given: readonly string[]): ServedModel[] {
  const models = given.map((text): ServedModel => {
    const [, name, model] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
    return name === undefined ? { name: basename(text.replace(/[\\/]+$/, '')), model: text } : { name, model };
  });
  const twice = models.find(({ name }, i) => models.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return models;
  throw new UsageError(`Two models are called "${twice.name}"; name one of them: other=${twice.model}.`);
}

function originOf(text: string): string {
  try {
    const { origin, pathname } = new URL(text);
    if (origin !== 'null' && pathname === '/') return origin;
  } catch {
    // Told below.
  }
  throw new UsageError(`--cors ${text} is no origin; one looks like https://app.example.`);
}

function levelOf(text: string): ServeCommandOptions['log'] {
  const levels = ['info', 'warn', 'error', 'silent'] as const;
  const level = levels.find((one) => one === text);
  if (level === undefined) throw new UsageError(`--log must be ${levels.join(', ')}.`);
  return level;
}

function atLeastOne(text: string): number {
  const value = integerOption(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}
