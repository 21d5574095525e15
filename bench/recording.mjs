// Measures `predict starter` on recordings of ten minutes without a transcript: its speed, and the memory of all its
// processes together. Linux alone. The recordings are made of RAVDESS's clips, and of a picture of a face that speaks.
//   node bench/recording.mjs [--only sound|film] [--minutes 10] [--data ../shared/data] [--keep FOLDER] [--make]
//   --keep FOLDER  keeps the recordings and takes them from there the next time; --make only makes them
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { record } from '../scripts/record.mjs';
import { actorsOf, assemble, clipsOf, RATE, randomTurns } from './hearing/conversations.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    data: { type: 'string', default: '../shared/data' },
    keep: { type: 'string' },
    make: { type: 'boolean', default: false },
  },
});
const seconds = 60 * Number(values.minutes);
/** Seconds from one look at the processes to the next. */
const LOOKS = 0.25;
const work = mkdtempSync(join(tmpdir(), 'vega-recording-'));
const folder = values.keep ?? work;
mkdirSync(folder, { recursive: true });
try {
  const sound = await kept(`talk-${values.minutes}.wav`, soundOf);
  if (values.only !== 'film') await measure('sound', sound);
  if (values.only !== 'sound') {
    const film = await kept(`talk-${values.minutes}.mp4`, (path) => filmOf(path, sound));
    await measure('film of one face, 720p, 25 pictures a second', film);
  }
} finally {
  rmSync(work, { recursive: true });
}

async function kept(name, make) {
  const path = join(folder, name);
  if (!existsSync(path)) await make(path);
  return path;
}

/** A conversation of RAVDESS's training actors. */
async function soundOf(path) {
  const ravdess = join(values.data, 'ravdess');
  const clips = clipsOf(join(ravdess, 'audio'), actorsOf(ravdess, 'train'));
  const { sound } = await assemble(randomTurns(clips, 1, Math.ceil(seconds / 2.2)), 1, [0.4, 1.5]);
  if (sound.length < seconds * RATE) throw new Error('Too few turns for so many minutes.');
  writeFileSync(path, wav(sound.subarray(0, seconds * RATE)));
}

/** The same conversation, and a face that opens and shuts its mouth all the time. */
function filmOf(path, sound) {
  const faces = join(values.data, 'faces');
  const name = readdirSync(faces, { recursive: true })
    .filter((each) => /neutral.*\.(png|jpe?g)$/.test(each))
    .sort()[0];
  const still = `movie=${join(faces, name)},loop=loop=-1:size=1,settb=1/25,setpts=N,trim=end=${seconds},scale=480:480`;
  const mouth =
    "split[top][low];[low]crop=iw:ih*0.36:0:ih*0.64,scale=w=480:h='2*trunc(480*(0.18+0.06*abs(sin(9*t))))':eval=frame[moved];[top][moved]overlay=0:H*0.64[face]";
  const room = `color=0x777777:s=1280x720:r=25:d=${seconds}[room]`;
  record(path, { pictures: `${room};${still},${mouth};[room][face]overlay=400:120`, sound: `amovie=${sound}` });
}

/** 16-bit PCM. */
function wav(sound) {
  const bytes = Buffer.alloc(44 + 2 * sound.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * sound.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(2 * RATE, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * sound.length, 40);
  sound.forEach((x, i) => {
    bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, x))), 44 + 2 * i);
  });
  return bytes;
}

async function measure(what, path) {
  if (values.make) return console.log(path);
  const task = ['predict', 'starter', path, '--format', 'jsonl', '--cache', mkdtempSync(join(work, 'cache-'))];
  const began = performance.now();
  const program = spawn(process.execPath, ['dist/cli/main.js', ...task], { stdio: ['ignore', 'pipe', 'inherit'] });
  let answers = '';
  program.stdout.on('data', (some) => {
    answers += some;
  });
  const memory = [];
  const used = new Map();
  const look = setInterval(() => {
    const all = familyOf(program.pid);
    memory.push(all.reduce((sum, pid) => sum + megabytes(pid), 0));
    for (const pid of all) used.set(pid, Math.max(used.get(pid) ?? 0, cpuSeconds(pid)));
  }, 1000 * LOOKS);
  const status = await new Promise((done) => program.once('close', done));
  clearInterval(look);
  if (status !== 0) throw new Error(`predict ended with ${status}.`);
  const wall = (performance.now() - began) / 1000;
  const cpu = [...used.values()].reduce((sum, each) => sum + each, 0);
  const times = (s) => `${(seconds / s).toFixed(1)} × real time`;
  const at = (share) => Math.round(memory[Math.floor(share * memory.length)]);
  console.log(`${what}: ${values.minutes} minutes, ${answers.trim().split('\n').length} utterances`);
  console.log(
    `  ${wall.toFixed(1)} s: ${times(wall)}; processor time ${cpu.toFixed(0)} s (on two cores ${times(cpu / 2)} at best)`,
  );
  console.log(
    `  memory of all processes: at most ${Math.round(Math.max(...memory))} MB; after 20, 50 and 80 % of the time ${[0.2, 0.5, 0.8].map(at).join(', ')} MB`,
  );
}

/** A process and all below it. */
function familyOf(root) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), Number(fieldsOf(pid)[1])]);
  const family = [root];
  for (const pid of family) family.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return family;
}

/** What /proc says of a process after its name. */
function fieldsOf(pid) {
  const text = tried(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Its own, and that of children that have ended counts for them alone. */
function cpuSeconds(pid) {
  const fields = fieldsOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / 100 || 0;
}

/** Pages that several processes share are divided among them. */
function megabytes(pid) {
  const text = tried(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

/** A process may end while it is looked at. */
function tried(read) {
  try {
    return read();
  } catch {
    return '';
  }
}
