import { execFileSync } from 'node:child_process';

/** Printed by the container when all else is; then it waits for the end of its input. */
export const END_OF_VIEW = '=end=';

const FILES = [
  '/proc/1/mountinfo',
  '/proc/1/status',
  '/proc/1/limits',
  '/proc/1/uid_map',
  '/proc/1/gid_map',
  '/proc/1/setgroups',
  '/proc/1/oom_score_adj',
  '/proc/1/cgroup',
  '/proc/sys/kernel/hostname',
  '/proc/sys/net/ipv4/ip_unprivileged_port_start',
  '/proc/sys/net/ipv4/ping_group_range',
  '/proc/net/dev',
  '/proc/net/route',
  '/proc/net/if_inet6',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  '/sys/fs/cgroup/pids/pids.max',
  '/sys/fs/cgroup/devices/devices.list',
];

/** A command that tells all that it can see of its walls, and lives until its stdin is closed. */
export const VIEW_COMMAND = [
  'sh',
  '-c',
  `cat ${FILES.join(' ')} 2>&1; ls -ln /dev /proc/1/fd 2>&1; echo ${END_OF_VIEW}; read x`,
];

/** Which part of a view is the same in every container of one kind: no ids, counters, times. */
export function comparable(view: string, id: string): string[] {
  return view
    .replaceAll(id, '<id>')
    .replaceAll(/subvolid=\d+/g, 'subvolid=<n>')
    .replaceAll(id.slice(0, 12), '<short id>')
    .split('\n')
    .filter((line) => !VARYING.test(line))
    .map(withoutNumbers);
}

/** Of /proc/PID/status all but rights, ids and signals; the second of two lists of open files. */
const VARYING =
  /^(Name|State|Tgid|Ngid|Pid|PPid|TracerPid|FDSize|NStgid|NSpid|NSpgid|NSsid|Kthread|Vm\w+|Rss\w+|HugetlbPages|CoreDumping|THP_enabled|untag_mask|Threads|SigQ|ShdPnd|SigPnd|Cpus_\w+|Mems_\w+|x86_\w+|\w*voluntary_ctxt_switches|Speculation\w*):|^total /;

function withoutNumbers(line: string): string {
  const mount = /^\d+ \d+ \d+:\d+ (.*)$/.exec(line);
  if (mount)
    return (mount[1] as string).replace(/(shared|master|propagate_from):\d+/g, '$1').replace(/\/tsbox-test-\w+/g, '');
  const device = /^ *(\w+): +\d+ +\d+ .*/.exec(line);
  if (device) return `device ${device[1]}`;
  // ls -l: links, dates and the numbers of pipes.
  return line.replace(/ \w{3} [ \d]\d [\d:]{4,5} /, ' ').replace(/(pipe|socket):\[\d+\]/, '$1');
}

/** What the host has made for the network of a container that runs. */
export function hostView(id: string): string[] {
  const rules = run('nft', ['-s', 'list', 'ruleset']);
  // Their names only: whether one is up follows its ports a moment later.
  const links = run('ip', ['-br', 'link']).replace(/[ @].*$/gm, '');
  return `${rules}\n${links}`.replaceAll(id.slice(0, 12), '<short id>').split('\n');
}

function run(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
