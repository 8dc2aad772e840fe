import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { readCgroupLayout } from './cgroup.js';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';
import { NfTables } from './netlink/index.js';

/** One thing that a kernel may have, and what it says about it. */
export interface Feature {
  readonly group: 'kernel' | 'namespace' | 'cgroup' | 'filesystem' | 'network' | 'security';
  readonly name: string;
  readonly available: boolean;
  /** How much of it there is, or why there is none. */
  readonly detail: string;
}

const NAMESPACES = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup', 'time'];

/** What this kernel offers to this process, by reading and by calls that change nothing. */
export function readFeatures(gate: Gate): Feature[] {
  return [
    { group: 'kernel', name: 'linux', available: true, detail: `${release()} ${gate.arch}` },
    { group: 'kernel', name: 'memfd exec', ...memfdExec() },
    ...NAMESPACES.map((name): Feature => ({ group: 'namespace', name, ...namespaceSupport(name) })),
    ...cgroupFeatures(),
    { group: 'filesystem', name: 'overlay', ...filesystemSupport('overlay') },
    { group: 'filesystem', name: 'tmpfs', ...filesystemSupport('tmpfs') },
    { group: 'network', name: 'nf_tables', ...nftSupport(gate) },
    { group: 'network', name: 'forwarding', ...sysctlSupport('/proc/sys/net/ipv4/ip_forward', 'net.ipv4.ip_forward') },
    { group: 'security', name: 'seccomp', ...fileSupport('/proc/sys/kernel/seccomp/actions_avail') },
    { group: 'security', name: 'modules', ...fileSupport('/sys/kernel/security/lsm') },
  ];
}

type Answer = Pick<Feature, 'available' | 'detail'>;

function namespaceSupport(name: string): Answer {
  if (!existsSync(`/proc/self/ns/${name}`)) return { available: false, detail: 'not in this kernel' };
  const most = readText(`/proc/sys/user/max_${name}_namespaces`);
  if (most === '0') return { available: false, detail: `refused by sysctl user.max_${name}_namespaces=0` };
  const refusal = name === 'user' ? userRefusal() : undefined;
  return refusal
    ? { available: false, detail: refusal }
    : { available: true, detail: most === undefined ? '' : `at most ${most}` };
}

/** Debian's and Ubuntu's switches against user namespaces of ordinary users; root is not concerned. */
function userRefusal(): string | undefined {
  if (process.geteuid?.() === 0) return undefined;
  if (readText('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'refused by sysctl kernel.unprivileged_userns_clone=0';
  const restricted = readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1';
  return restricted ? 'restricted by sysctl kernel.apparmor_restrict_unprivileged_userns=1' : undefined;
}

function cgroupFeatures(): Feature[] {
  const { mode, hierarchies } = readCgroupLayout();
  const layout: Feature = { group: 'cgroup', name: 'layout', available: mode !== 'none', detail: mode };
  const lines = hierarchies.map((one): Feature => {
    const detail = [one.mountpoint, one.controllers.join(',') || one.name || 'no controllers'].join(' ');
    return { group: 'cgroup', name: `v${one.version}`, available: true, detail };
  });
  return [layout, ...lines];
}

function filesystemSupport(name: string): Answer {
  const listed =
    readText('/proc/filesystems')
      ?.split('\n')
      .some((line) => line.split('\t').at(-1) === name) ?? false;
  return {
    available: listed,
    detail: listed ? '' : 'not in /proc/filesystems: not built in, and its module is not loaded',
  };
}

function nftSupport(gate: Gate): Answer {
  const tables = new NfTables(gate);
  try {
    tables.probe();
    return { available: true, detail: '' };
  } catch (error) {
    return { available: false, detail: hasCode(error, 'EPERM') ? 'needs CAP_NET_ADMIN' : (error as Error).message };
  } finally {
    tables.close();
  }
}

function sysctlSupport(file: string, name: string): Answer {
  const value = readText(file);
  return {
    available: value !== undefined && value !== '0',
    detail: value === undefined ? 'cannot be read' : `${name}=${value}`,
  };
}

/** memfd_create(2): with `vm.memfd_noexec=2` (Linux 6.3) no memfd can be run, and the launcher is one. */
function memfdExec(): Answer {
  const refused = readText('/proc/sys/vm/memfd_noexec') === '2';
  return { available: !refused, detail: refused ? 'refused by sysctl vm.memfd_noexec=2' : '' };
}

function fileSupport(file: string): Answer {
  const text = readText(file);
  return { available: text !== undefined, detail: text ?? `no ${file}` };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
