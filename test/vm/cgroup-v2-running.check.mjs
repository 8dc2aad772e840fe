// What is done to containers that run, on a host with pure cgroup v2, end to end through the command line.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
const PARENT = '/sys/fs/cgroup/tsbox';
const MIB = 2 ** 20;
const state = mkdtempSync('/run/tsbox-check-');
const flags = [`--root=${state}/root`, `--runroot=${state}/run`];
let failed = 0;

function check(name, holds, result) {
  console.log(holds ? `ok ${name}` : `not ok ${name}: ${JSON.stringify(result)}`);
  if (!holds) failed++;
}

function tsbox(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...flags, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

/** A container in the foreground whose script has said `up`. */
async function start(name, limits, script) {
  const args = ['run', '--name', name, '--network=none', ...limits, 'host', 'sh', '-c', script];
  const child = spawn(process.execPath, [CLI, ...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise((resolve) => child.once('close', (status) => resolve({ status, stderr })));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  while (!record(name)?.process) await sleep(20);
  return { ended, child, directory: `${PARENT}/${record(name).id}` };
}

function record(name) {
  const records = readdirSync(`${state}/root/containers`).flatMap((id) => {
    const file = `${state}/root/containers/${id}/container.json`;
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8'))] : [];
  });
  return records.find((one) => one.name === name);
}

const read = (directory, file) => readFileSync(`${directory}/${file}`, 'utf8').trim();
const frozen = (directory) => /^frozen 1$/m.test(read(directory, 'cgroup.events'));

const busy = await start('busy', ['-m', '256m', '--pids-limit=50'], 'sleep 600 & echo up; while :; do :; done');

const stats = tsbox('stats', '--no-stream', '--format', 'json', 'busy');
const [sample] = JSON.parse(stats.stdout || '[{}]');
check(
  'stats: CPU time, memory and its limit, processes, bytes of block devices',
  sample.cpuPercent > 5 &&
    sample.memory.usage > 0 &&
    sample.memory.limit === 256 * MIB &&
    sample.pids.current === 2 &&
    sample.pids.limit === 50 &&
    sample.io.read >= 0,
  stats,
);
const table = tsbox('stats', '--no-stream');
check('stats: the table', /^[0-9a-f]{12} +busy +[\d.]+% +[\d.]+[KM]iB \/ 256MiB .* 2$/m.test(table.stdout), table);

const top = tsbox('top', 'busy', '-o', 'comm');
check('top: the processes of the container', top.stdout === 'COMMAND\nsh\nsleep\n', top);

const entered = tsbox('exec', 'busy', 'sh', '-c', 'cat /proc/self/cgroup; exit 7');
check(
  'exec: a further process is in the cgroup, and its own status comes back',
  entered.status === 7 && entered.stdout === '0::/\n',
  entered,
);

const paused = tsbox('pause', 'busy');
check('pause: the kernel says that all are frozen', paused.stdout === 'busy\n' && frozen(busy.directory), paused);
const used = read(busy.directory, 'cpu.stat');
await sleep(300);
check(
  'pause: no CPU time is used',
  /usage_usec \d+/.exec(used)[0] === /usage_usec \d+/.exec(read(busy.directory, 'cpu.stat'))[0],
  used,
);
const status = tsbox('ps', '--format', '{{.Status}}');
check('pause: ps says so', /\(Paused\)/.test(status.stdout), status);
const again = tsbox('pause', 'busy');
check('pause: twice is an error', again.status === 1 && /already paused/.test(again.stderr), again);
const unpaused = tsbox('unpause', 'busy');
check('unpause: it goes on', unpaused.stdout === 'busy\n' && !frozen(busy.directory), unpaused);

const update = tsbox(
  'update',
  '-m',
  '512m',
  '--memory-swap=768m',
  '--cpus=0.5',
  '-c',
  '512',
  '--pids-limit=-1',
  '--cpuset-cpus=0',
  'busy',
);
const limits = ['memory.max', 'memory.swap.max', 'cpu.max', 'cpu.weight', 'pids.max', 'cpuset.cpus'].map((file) =>
  read(busy.directory, file),
);
check(
  'update: what the kernel has',
  update.stdout === 'busy\n' && limits.join() === [512 * MIB, 256 * MIB, '50000 100000', 59, 'max', 0].join(),
  { limits, ...update },
);
tsbox('pause', 'busy');
const killed = tsbox('rm', '-f', 'busy');
const { status: how } = await busy.ended;
check('kill: also one that is paused', killed.status === 0 && how === 137 && !existsSync(busy.directory), {
  how,
  ...killed,
});

// tail(1) keeps in memory what it may have to print.
const full = await start(
  'full',
  ['-m', '256m', '--memory-swap=256m'],
  'echo up; (head -c 60m /dev/zero; sleep 600) | tail -c 60m > /dev/null',
);
while (Number(read(full.directory, 'memory.current')) < 55 * MIB) await sleep(50);
const low = tsbox('update', '-m', '16m', '--memory-swap=16m', '--pids-limit=5', 'full');
check(
  'update: below what is in use is refused, nobody is killed, and all is as it was',
  low.status === 1 &&
    /the container uses .* at the moment/.test(low.stderr) &&
    read(full.directory, 'memory.max') === String(256 * MIB) &&
    read(full.directory, 'memory.high') === 'max' &&
    read(full.directory, 'pids.max') === 'max' &&
    /^oom_kill 0$/m.test(read(full.directory, 'memory.events')),
  { events: read(full.directory, 'memory.events'), current: read(full.directory, 'memory.current'), ...low },
);
tsbox('rm', '-f', 'full');
await full.ended;

// It waits for the update.
const wait = 'while [ $(cat /sys/fs/cgroup/memory.max) != 67108864 ]; do sleep 0.1; done';
const hungry = 'dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null';
const oom = await start('oom', ['-m', '512m'], `echo up; ${wait}; ${hungry}; exit 5`);
tsbox('update', '-m', '64m', '--memory-swap=64m', 'oom');
const end = await oom.ended;
check(
  'out of memory: 137 or the status, and one line that names the limit of now',
  end.status === 5 && /memory limit of 64 MiB/.test(end.stderr),
  end,
);
check(
  'out of memory: the record says so',
  record('oom').oomKilled === true && record('oom').exitCode === 5,
  record('oom'),
);
tsbox('rm', 'oom');

const detached = tsbox(
  'run',
  '-d',
  '--name=gone',
  '--network=none',
  '-m',
  '64m',
  'host',
  'dd',
  'if=/dev/zero',
  'of=/dev/null',
  'bs=200M',
  'count=1',
);
const waited = tsbox('wait', 'gone');
tsbox('gc');
check('out of memory: of a detached one too', waited.stdout === '137\n' && record('gone').oomKilled === true, {
  detached,
  waited,
  record: record('gone'),
});
tsbox('rm', 'gone');

const many = await start(
  'many',
  ['--pid=host'],
  'trap "" TERM INT HUP; for i in 1 2 3; do setsid sleep 600 & done; echo up; wait',
);
const pids = read(many.directory, 'cgroup.procs').split('\n');
const removed = tsbox('rm', '-f', 'many');
await many.ended;
check(
  'kill all: processes without a pid namespace of their own go with the container',
  removed.status === 0 && pids.length === 4 && pids.every((pid) => !existsSync(`/proc/${pid}`)),
  { pids, ...removed },
);

check('nothing is left', !existsSync(PARENT), { left: existsSync(PARENT) && readdirSync(PARENT) });
process.exitCode = failed > 0 ? 1 : 0;
