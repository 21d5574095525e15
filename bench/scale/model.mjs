// A model of an experiment on many nodes that share a disk, by discrete events: what jobs take is drawn from recorded
// attempts; nodes are lost and come back; some jobs straggle; the disk does so many metadata operations a second, and
// what is done under one lock is done one after the other. The same seed gives the same events. test/scale tests it.

/**
 * @typedef {object} Program How the program goes about it, as measured by bench/scale.mjs.
 * @property {number} startSeconds until a worker looks for its first job
 * @property {number} startOperations of this on the shared disk
 * @property {number} startPerJob seconds more for each planned job
 * @property {number} jobOperations on the shared disk, of one attempt
 * @property {number} beatsPerSecond operations of a job at work, for its signs of life
 * @property {number} lookOperations of looking whether a job is done; @property {number} lookSeconds
 * @property {number} lockSeconds under the ledger's lock, of one job
 * @property {number} lockPerLook seconds more for each look that the ledger has
 * @property {'all' | 'logs'} help what a worker looks at when its share is done: every job; or the other workers' logs, and
 * then the jobs that nobody has done or is at
 * @property {number} tableSeconds of one run, when all have ended
 * @property {number} epochs a job goes on from its last one
 */
/**
 * @typedef {object} World
 * @property {number} nodes each with one worker; @property {number} jobs
 * @property {number} lossesPerNodeHour @property {number} backSeconds until a lost node's worker begins again
 * @property {number} stragglers share of attempts; @property {number} straggle how often as long they take
 * @property {number} operationsPerSecond of the shared disk
 * @property {number} seed
 */

/** Random numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many values, dealt from shuffled packs: the mean of whole packs is that of the values. */
function dealt(values, count, next) {
  const pack = [];
  return Float64Array.from({ length: count }, () => {
    if (pack.length === 0) pack.push(...values);
    const at = Math.floor(next() * pack.length);
    const value = pack[at];
    pack[at] = pack[pack.length - 1];
    pack.pop();
    return value;
  });
}

/** Seconds after which another machine may take over what a lost one was at. */
const LEASE = 30;
/** To read a worker's log: whether it has grown, opening it, its size. */
const LOG_OPERATIONS = 3;
/** Jobs that others are at, of which a helper tries so many: see src/jobs/perform.ts. */
const MOST_TAKEN = 8;
/** Jobs that are looked at between two events. */
const LOOKS = 500;
/** How long a worker waits for the ledger before it leaves the job to another. */
const PATIENCE = 60;

/**
 * @param {World} world
 * @param {Program} program
 * @param {readonly number[]} durations seconds of recorded attempts, from which the jobs' are dealt
 * @returns {{ makespan: number, ideal: number, wasted: number, worked: number, helping: number, operations: number }}
 * seconds until the tables are there; of all work shared among the nodes; of attempts without a result; of all attempts;
 * that nodes spent looking for work; and operations on the disk.
 */
export function simulate(world, program, durations) {
  const { nodes, jobs, operationsPerSecond } = world;
  const next = random(world.seed);
  const length = dealt(durations, jobs, next);
  const total = length.reduce((sum, one) => sum + one, 0);
  // Signs of life take their part of the disk for as long as all nodes are at work.
  const rate = Math.max(operationsPerSecond / 100, operationsPerSecond - nodes * program.beatsPerSecond);
  /** 0 waits, 1 is at work, 2 is done. */
  const state = new Uint8Array(jobs);
  const left = Float64Array.from(length);
  const totals = { wasted: 0, worked: 0, helping: 0, operations: 0 };
  let diskFree = 0;
  let lockFree = 0;
  let looks = 0;
  let end = 0;

  /** When so many operations that are asked for at a time have been done. */
  const disk = (time, operations) => {
    totals.operations += operations;
    diskFree = Math.max(diskFree, time) + operations / rate;
    return diskFree;
  };
  const queue = heap();
  const lossAfter = () =>
    world.lossesPerNodeHour > 0 ? (-Math.log(1 - next()) * 3600) / world.lossesPerNodeHour : Number.POSITIVE_INFINITY;
  const workers = Array.from({ length: Math.min(nodes, jobs) }, (_, index) => ({
    index,
    at: index,
    helps: false,
    lost: lossAfter(),
  }));
  const begin = (worker, time) => {
    Object.assign(worker, { at: worker.index, helps: false });
    const started = time + program.startSeconds + program.startPerJob * jobs;
    queue.push(disk(started, program.startOperations), () => step(worker, queue.now));
  };
  /** The node is gone; its worker begins again later. */
  const lose = (worker, time) => {
    worker.lost = time + world.backSeconds + lossAfter();
    queue.push(time + world.backSeconds, () => begin(worker, queue.now));
  };

  const step = (worker, time) => {
    if (worker.helps) return help(worker, time);
    // Its share: what was done before it was lost is only looked at.
    let passed = 0;
    while (worker.at < jobs && state[worker.at] !== 0) {
      worker.at += workers.length;
      passed++;
    }
    if (worker.at < jobs) return work(worker, worker.at, disk(time, (passed + 1) * program.lookOperations));
    worker.helps = true;
    worker.helpedFrom = time;
    lookAround(worker, time);
  };

  /** Begins to look for what needs help, from the far end. */
  const lookAround = (worker, time) => {
    Object.assign(worker, { at: jobs - 1, taken: 0, helped: false });
    const listed = program.help === 'logs' ? disk(time, LOG_OPERATIONS * workers.length) : time;
    queue.push(listed, () => help(worker, queue.now));
  };

  const help = (worker, time) => {
    let looked = 0;
    let seconds = 0;
    const logs = program.help === 'logs';
    for (; worker.at >= 0; worker.at--) {
      const one = state[worker.at];
      if (logs && (one === 2 || (one === 1 && worker.taken >= MOST_TAKEN))) continue;
      looked++;
      seconds += program.lookSeconds;
      if (one === 0) {
        totals.helping += time - worker.helpedFrom;
        worker.helped = true;
        return work(worker, worker.at--, disk(time + seconds, looked * program.lookOperations));
      }
      if (one === 1) {
        // It tries to take it over, and steps back, with all that an attempt writes.
        worker.taken++;
        disk(time, program.jobOperations / 4);
      }
      if (looked >= LOOKS) {
        worker.at--;
        break;
      }
    }
    const done = disk(time + seconds, looked * program.lookOperations);
    if (worker.at >= 0) queue.push(done, () => help(worker, queue.now));
    else if (logs && worker.helped) lookAround(worker, done);
    else {
      totals.helping += done - worker.helpedFrom;
      end = Math.max(end, done);
    }
  };

  const work = (worker, job, time) => {
    if (state[job] !== 0) return queue.push(time, () => step(worker, queue.now));
    state[job] = 1;
    const begun = disk(time, program.jobOperations / 2);
    const slow = next() < world.stragglers ? world.straggle : 1;
    const needs = left[job] * slow;
    const trained = begun + needs;
    if (worker.lost < trained) {
      const at = Math.max(worker.lost, begun);
      const epoch = length[job] / program.epochs;
      // What it had trained up to its last epoch is kept.
      const kept = Math.floor(Math.max(0, at - begun) / slow / epoch) * epoch;
      left[job] = Math.max(0, left[job] - kept);
      totals.wasted += Math.max(0, at - begun) - kept * slow;
      totals.worked += Math.max(0, at - begun);
      queue.push(at + LEASE, () => {
        state[job] = 0;
      });
      return lose(worker, at);
    }
    queue.push(trained, () => score(worker, job, needs));
  };

  const score = (worker, job, needs) => {
    const time = queue.now;
    totals.worked += needs;
    left[job] = 0;
    if (lockFree - time > PATIENCE) {
      // Trained, but not scored: whoever comes next finds only that to be done.
      if (!worker.helps) worker.at += workers.length;
      return queue.push(time + PATIENCE, () => {
        state[job] = 0;
        goOn(worker);
      });
    }
    lockFree = Math.max(lockFree, time) + program.lockSeconds + program.lockPerLook * looks++;
    queue.push(disk(lockFree, program.jobOperations / 2), () => {
      state[job] = 2;
      goOn(worker);
    });
  };
  const goOn = (worker) => {
    worker.helpedFrom = queue.now;
    step(worker, queue.now);
  };

  for (const worker of workers) begin(worker, 0);
  queue.run();
  return { makespan: end + program.tableSeconds * jobs, ideal: total / nodes, ...totals };
}

/** Events in the order of their times; equal ones in the order in which they came. */
function heap() {
  const events = [];
  let count = 0;
  const before = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);
  const queue = {
    now: 0,
    push(time, run) {
      let at = events.push({ time, order: count++, run }) - 1;
      while (at > 0 && before(events[at], events[(at - 1) >> 1])) {
        const up = (at - 1) >> 1;
        [events[at], events[up]] = [events[up], events[at]];
        at = up;
      }
    },
    pop() {
      const first = events[0];
      const last = events.pop();
      if (events.length > 0) {
        events[0] = last;
        for (let at = 0; ; ) {
          let least = at;
          for (const child of [2 * at + 1, 2 * at + 2])
            if (child < events.length && before(events[child], events[least])) least = child;
          if (least === at) break;
          [events[at], events[least]] = [events[least], events[at]];
          at = least;
        }
      }
      return first;
    },
    run() {
      while (events.length > 0) {
        const event = queue.pop();
        queue.now = event.time;
        event.run();
      }
    },
  };
  return queue;
}
