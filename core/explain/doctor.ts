import { existsSync } from 'node:fs';
import { readFeatures } from '../kernel/features.js';
import type { Gate } from '../kernel/gate.js';
import { type Host, kernelAtLeast } from '../kernel/host.js';
import type { Precondition } from '../plugin/support.js';
import type { StatePaths } from '../plugin/tokens.js';
import { type HostLook, RealHostLook, readNumber, softLimit } from './look/host-look.js';

/** Preconditions that belong together. */
export interface HostPart {
  readonly part: string;
  readonly preconditions: readonly Precondition[];
}

const HELPERS = ['newuidmap', 'newgidmap'];
/** A launch has some forty for a moment; each container in a library's engine a handful. */
const ENOUGH_FILES = 256;
const ENOUGH_PROCESSES = 64;
const NETWORK_FILE_SYSTEMS = new Map([
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0x65735546, 'fuse'],
  [0xff534d42, 'cifs'],
]);

/** What tsbox itself needs of this host, whatever the drivers are. Changes nothing. */
export function examineHost(
  gate: Gate,
  host: Host,
  paths: StatePaths,
  look: HostLook = new RealHostLook(),
): HostPart[] {
  const features = readFeatures(gate).map(
    ({ group, name, available, detail }): Precondition => ({
      name: `${group} ${name}`,
      ok: available || 'warn',
      detail: detail.replaceAll('\n', ' '),
    }),
  );
  return [
    {
      part: 'kernel',
      preconditions: [kernelVersion(host), ...features.filter(({ name }) => name !== 'kernel memfd exec'), memfd(look)],
    },
    {
      part: 'limits',
      preconditions: [
        openFiles(look),
        processes(look),
        mounts(look),
        namespaces(look, 'user'),
        namespaces(look, 'mnt'),
        namespaces(look, 'net'),
      ],
    },
    { part: 'helpers', preconditions: HELPERS.map((name) => helper(name, host)) },
    { part: 'state', preconditions: [...store('root', paths.root, look), ...store('runroot', paths.runroot, look)] },
  ];
}

function kernelVersion(host: Host): Precondition {
  const detail = `Linux ${host.kernel.join('.')}`;
  if (kernelAtLeast(host, 5, 11)) return { name: 'kernel version', ok: true, detail };
  return {
    name: 'kernel version',
    ok: false,
    detail: `${detail}; 5.11 is needed`,
    fix: 'use a later kernel',
    diagnosis: 'kernel-too-old',
  };
}

function memfd(look: HostLook): Precondition {
  const value = look.read('/proc/sys/vm/memfd_noexec');
  const name = 'vm.memfd_noexec';
  if (value !== '2') return { name, ok: true, detail: value === undefined ? 'not in this kernel' : value };
  return {
    name,
    ok: false,
    detail: '2: the launcher cannot be run',
    fix: 'sysctl -w vm.memfd_noexec=1',
    diagnosis: 'memfd-noexec',
  };
}

function openFiles(look: HostLook): Precondition {
  const most = softLimit(look, 'Max open files');
  const name = 'open files (ulimit -n)';
  if (most === undefined || most >= ENOUGH_FILES) return { name, ok: true, detail: String(most ?? 'unlimited') };
  return { name, ok: most > 80 ? 'warn' : false, detail: String(most), fix: 'ulimit -n 4096', diagnosis: 'fd-limit' };
}

function processes(look: HostLook): Precondition {
  const most = softLimit(look, 'Max processes');
  const name = 'processes (ulimit -u)';
  if (most === undefined || most >= ENOUGH_PROCESSES) return { name, ok: true, detail: String(most ?? 'unlimited') };
  return { name, ok: 'warn', detail: String(most), fix: 'ulimit -u 4096', diagnosis: 'pids-limit' };
}

function mounts(look: HostLook): Precondition {
  const most = readNumber(look, '/proc/sys/fs/mount-max') ?? 100_000;
  const count = look.mounts().length;
  const detail = `${count} of ${most} (fs.mount-max)`;
  if (count < most * 0.9) return { name: 'mounts', ok: true, detail };
  return {
    name: 'mounts',
    ok: false,
    detail,
    fix: `sysctl -w fs.mount-max=${most * 2}`,
    diagnosis: 'mount-table-full',
  };
}

function namespaces(look: HostLook, kind: string): Precondition {
  const sysctl = `user.max_${kind}_namespaces`;
  const most = readNumber(look, `/proc/sys/user/max_${kind}_namespaces`);
  if (most !== 0) return { name: sysctl, ok: true, detail: String(most ?? 'no limit here') };
  // Root does without user namespaces.
  const ok = kind === 'user' && process.geteuid?.() === 0 ? 'warn' : false;
  const diagnosis = kind === 'user' ? 'userns-max-zero' : 'namespace-limit';
  return { name: sysctl, ok, detail: '0: none can be made', fix: `sysctl -w ${sysctl}=15000`, diagnosis };
}

/** Only an ordinary user needs them, and only for more than one id. */
function helper(name: string, host: Host): Precondition {
  const place = ['/usr/bin', '/bin', '/usr/local/bin']
    .map((directory) => `${directory}/${name}`)
    .find((path) => existsSync(path));
  if (place) return { name, ok: true, detail: place };
  const detail = host.privileged ? 'not installed; root does without it' : 'not installed: containers have one id only';
  return { name, ok: 'warn', detail, fix: 'apt-get install uidmap', diagnosis: 'uidmap-missing' };
}

function store(name: 'root' | 'runroot', path: string, look: HostLook): Precondition[] {
  const mount = look.mountOf(path);
  const flags = [...(mount?.flags ?? []), ...(mount?.options ?? [])];
  const kind = mount?.type ?? 'unknown';
  const place: Precondition = flags.includes('ro')
    ? {
        name,
        ok: false,
        detail: `${path} is on ${mount?.target}, which is read-only`,
        fix: `mount -o remount,rw ${mount?.target}`,
        diagnosis: 'read-only-store',
      }
    : { name, ok: true, detail: `${path} on ${kind}` };
  return [
    place,
    ...(name === 'root' ? storeDetails(path, flags, mount?.target ?? '/', look) : [isTemporary(path, kind)]),
  ];
}

function storeDetails(path: string, flags: readonly string[], target: string, look: HostLook): Precondition[] {
  const found = look.statfs(path);
  const refused = NETWORK_FILE_SYSTEMS.get(found?.type ?? 0);
  const inodes = found && found.files > 0 && found.ffree < 1000;
  const exec = (flag: string, diagnosis: string): Precondition =>
    flags.includes(flag)
      ? {
          name: `root without ${flag}`,
          ok: 'warn',
          detail: `${target} is mounted ${flag}: --storage=copy suffers`,
          fix: `mount -o remount,${flag.slice(2)} ${target}`,
          diagnosis,
        }
      : { name: `root without ${flag}`, ok: true, detail: '' };
  return [
    refused
      ? {
          name: 'root can hold an overlay',
          ok: 'warn',
          detail: `it is on ${refused}`,
          fix: 'another --root, or --storage=copy',
          diagnosis: refused === 'overlay' ? 'overlay-on-overlay' : 'store-file-system',
        }
      : { name: 'root can hold an overlay', ok: true, detail: '' },
    exec('noexec', 'noexec-store'),
    exec('nosuid', 'nosuid-store'),
    inodes
      ? { name: 'inodes', ok: 'warn', detail: `${found.ffree} left`, fix: 'tsbox system prune', diagnosis: 'no-inodes' }
      : { name: 'inodes', ok: true, detail: found && found.files > 0 ? `${found.ffree} left` : 'no limit' },
  ];
}

/** What does not survive a reboot must not: stale leases would be believed. */
function isTemporary(path: string, kind: string): Precondition {
  if (kind === 'tmpfs' || kind === 'ramfs') return { name: 'runroot is a tmpfs', ok: true, detail: '' };
  return {
    name: 'runroot is a tmpfs',
    ok: 'warn',
    detail: `${path} is on ${kind}, and survives a reboot`,
    fix: 'choose a place on a tmpfs with --runroot: /run',
  };
}
