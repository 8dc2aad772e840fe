// That the machine is what the other checks take it for.
import { readFileSync } from 'node:fs';

const check = (name, holds) => console.log(holds ? `ok ${name}` : `not ok ${name}`);
const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
const controllers = readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' ');

check('the cgroups are pure v2', / \/sys\/fs\/cgroup .* - cgroup2 /.test(mounts) && !/ - cgroup /.test(mounts));
check(
  'all controllers are there',
  ['cpu', 'cpuset', 'io', 'memory', 'pids'].every((name) => controllers.includes(name)),
);
check(
  'processes are root and in a leaf',
  process.getuid() === 0 && readFileSync('/proc/self/cgroup', 'utf8') === '0::/session.scope\n',
);
