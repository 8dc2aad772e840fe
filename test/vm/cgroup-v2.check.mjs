// Limits on a host with pure cgroup v2, end to end through the command line.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
const PARENT = '/sys/fs/cgroup/tsbox';
let failed = 0;

function check(name, holds, result) {
  console.log(holds ? `ok ${name}` : `not ok ${name}: ${JSON.stringify(result)}`);
  if (!holds) failed++;
}

function tsbox(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

const run = (flags, script) => tsbox('run', '--rm', '--network=none', ...flags, 'host', 'sh', '-c', script);

const info = tsbox('info', '--format=json');
check('info finds the layout', /"v2"/.test(info.stdout), info);

const plain = run([], 'cat /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs | head -1; exit 7');
check(
  'a container has a cgroup of its own, the root of its namespace',
  plain.status === 7 && plain.stdout === '0::/\n1\n',
  plain,
);

const plan = tsbox('plan', '--network=none', '--memory=64m', 'host', 'true');
check('a plan makes no cgroup', plan.status === 0 && /cgroup-v2/.test(plan.stdout) && !existsSync(PARENT), plan);

const hungry = tsbox(
  'run',
  '--rm',
  '--network=none',
  '--memory=64m',
  'host',
  'dd',
  'if=/dev/zero',
  'of=/dev/null',
  'bs=100M',
  'count=1',
);
const said = hungry.stderr
  .trim()
  .split('\n')
  .filter((line) => line.startsWith('tsbox: out of memory'));
check(
  'memory: 137 and one line that says why',
  hungry.status === 137 && said.length === 1 && /64 MiB/.test(said[0]),
  hungry,
);

const modest = run(
  ['--memory=64m'],
  'dd if=/dev/zero of=/dev/null bs=20M count=1 2> /dev/null; cat /sys/fs/cgroup/memory.swap.max',
);
check(
  'memory: what takes less is left alone, and may swap as much again',
  modest.status === 0 && modest.stdout === `${64 * 2 ** 20}\n`,
  modest,
);

const busy = run(['--cpus=0.2'], 'cat /proc/uptime; timeout 5 sh -c "while :; do :; done"; times; cat /proc/uptime');
const share = cpuShare(busy.stdout);
// A machine that is busy itself gives this one less; never more.
check('cpus: a busy loop gets what it was given', share > 0.1 && share < 0.23, { share, ...busy });

const weight = run(
  ['--cpu-shares=1024', '--cpuset-cpus=0', '--cpuset-mems=0'],
  'cd /sys/fs/cgroup; cat cpu.weight cpuset.cpus.effective',
);
check('cpus: shares become a weight, and sets hold', weight.stdout === '100\n0\n', weight);

const forks = run(['--pids-limit=16'], 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); echo $i; done');
check(
  'pids: the sixteenth process cannot fork a seventeenth',
  /fork/i.test(forks.stderr) && forks.stdout.trim().endsWith('\n15'),
  forks,
);

const bomb = run(['--pids-limit=16'], 'b() { b | b & }; b; sleep 1; exit 0');
check('pids: a fork bomb ends with its container', bomb.status !== null && /fork/i.test(bomb.stderr), bomb);

const alone = run(['--pids-limit=0'], 'echo alone; /bin/true');
check('pids: 0 means one process', alone.stdout === 'alone\n' && /fork/i.test(alone.stderr), alone);

const open =
  '[ -e /dev/kmsg ] || mknod /dev/kmsg c 1 11; head -c 1 /dev/zero | wc -c; exec 5< /dev/kmsg && echo opened';
const devices = run([], open);
check(
  'devices: the default ones open, others do not',
  devices.stdout === '1\n' && /not permitted/.test(devices.stderr),
  devices,
);
const privileged = run(['--privileged'], open);
check('devices: a privileged container opens all', privileged.stdout === '1\nopened\n', privileged);

const refused = tsbox('run', '--rm', '--network=none', '--memory=1m', 'host', 'true');
check('a limit out of range is refused', refused.status === 125 && /minimum|at least/.test(refused.stderr), refused);

check('nothing is left', !existsSync(PARENT), { left: existsSync(PARENT) });
process.exitCode = failed > 0 ? 1 : 0;

/** CPU time of the children by times(1p), over the time between the two readings of /proc/uptime. */
function cpuShare(text) {
  const [before, , children, after] = text.trim().split('\n');
  const seconds = [...(children ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
  return seconds / (Number.parseFloat(after) - Number.parseFloat(before));
}
