import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NEEDED = ['slurmctld', 'slurmd', 'sbatch', 'munged'];
/** Whether SLURM is on the PATH, as Debian's packages slurmctld, slurmd, slurm-client and munge do it. */
export function hasSlurm() {
  const places = (process.env.PATH ?? '').split(delimiter);
  return NEEDED.every((name) => places.some((place) => existsSync(join(place, name))));
}
/**
 * Starts munged, slurmctld and two slurmd in a temporary folder, without systemd, cgroups or accounting, on ports of
 * their own. Needs root, as slurmd does.
 */
export async function startCluster(nodes = ['n1', 'n2']) {
  const root = mkdtempSync(join(tmpdir(), 'vega-slurm-'));
  const at = (name) => join(root, name);
  for (const name of ['munge', 'state', ...nodes]) mkdirSync(at(name), { mode: 0o700 });
  writeFileSync(at('munge/key'), crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o400 });
  const [control, ...ports] = await freePorts(1 + nodes.length);
  const host = hostname().split('.')[0];
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${at('munge/socket')},cred_expire=5
CredType=cred/munge
SlurmctldPort=${control}
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${root}/%n
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${root}/%n.pid
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${root}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=60
${nodes.map((name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 State=UNKNOWN`).join('\n')}
PartitionName=main Nodes=${nodes.join(',')} Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = {
    ...process.env,
    PATH: `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/usr/bin`,
    SLURM_CONF: at('slurm.conf'),
  };
  const call = (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const controller = () => call('slurmctld');
  const startNode = (name) => call('slurmd', '-N', name);
  call(
    'munged',
    '--force',
    ...[`--key-file=${at('munge/key')}`, `--socket=${at('munge/socket')}`, `--pid-file=${at('munge/pid')}`],
    ...[`--log-file=${at('munge/log')}`, `--seed-file=${at('munge/seed')}`],
  );
  controller();
  for (const name of nodes) startNode(name);
  const kill = (file) => {
    if (!existsSync(file)) return;
    try {
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  const killNode = (name) => {
    kill(at(`${name}.pid`));
    // Its steps, and what they run: processes that SLURM started on this node.
    // The step's keeper first: a step that only loses its program tells the controller that the job has failed.
    const pids = processesWith(`SLURMD_NODENAME=${name}`, `SLURM_CONF=${at('slurm.conf')}`);
    for (const pid of new Set(pids.flatMap(keepersOf))) killOne(pid);
    for (const pid of pids) killOne(pid);
  };
  await until(() => call('sinfo', '--noheader', '--format=%t').trim() === 'idle', 30);
  return {
    env,
    root,
    killNode,
    startNode,
    restartController() {
      kill(at('slurmctld.pid'));
      controller();
    },
    call,
    settle: (seconds = 300) =>
      until(() => spawnSync('squeue', ['--noheader'], { env, encoding: 'utf8' }).stdout?.trim() === '', seconds),
    async stop() {
      spawnSync('scancel', ['--user=root'], { env });
      for (const name of nodes) killNode(name);
      kill(at('slurmctld.pid'));
      kill(at('munge/pid'));
      await new Promise((done) => setTimeout(done, 300));
      for (const pid of processesWith(`SLURM_CONF=${at('slurm.conf')}`)) killOne(pid);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
/** Processes in whose environment all of these stand. */
function processesWith(...words) {
  const { stdout } = spawnSync('sh', ['-c', 'ls /proc'], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      return words.every((word) => environment.includes(word)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
/** The slurmstepd above a process. */
function keepersOf(pid) {
  for (let at = pid; at > 1; ) {
    try {
      const stat = readFileSync(`/proc/${at}/stat`, 'utf8');
      if (stat.includes('(slurmstepd)')) return [at];
      at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return [];
    }
  }
  return [];
}
function killOne(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((done) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
async function until(holds, seconds) {
  for (let left = seconds * 4; left > 0; left--) {
    try {
      if (holds()) return;
    } catch {
      // Not yet.
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`It took more than ${seconds} s.`);
}
