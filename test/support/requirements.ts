import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';

/** What a test may need of the machine: the words in which a skip gives its reason. */
const CHECKS = {
  /** Root with CAP_SYS_ADMIN. */
  root: () => process.getuid?.() === 0 && (effectiveCapabilities() >> 21n) % 2n === 1n,
  /** The controllers are in v1 hierarchies (also on a hybrid host). */
  cgroup1: () => filesystems().some((line) => / - cgroup .*\bmemory\b/.test(line)),
  /** Pure v2. Such a test runs in the virtual machine: see test/vm. */
  cgroup2: () => filesystems().some((line) => / \/sys\/fs\/cgroup [^-]*- cgroup2 /.test(line)),
  /** A user namespace for an ordinary user. */
  userns: () => runs('unshare', ['--user', '--map-root-user', 'true'], process.getuid?.() === 0 ? ORDINARY : {}),
  overlay: () => readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n') || runs('modprobe', ['overlay']),
  nft: () => runs('nft', ['list', 'tables']),
  ip: () => runs('ip', ['link']),
  busybox: () => isStatic('/bin/busybox'),
  /** newuidmap and newgidmap, set-user-id or with file capabilities. */
  uidmap: () => onPath('newuidmap') && onPath('newgidmap'),
  /** util-linux's script(1), which gives a program a terminal. */
  script: () => onPath('script'),
  /** Debian's packages attr and acl. */
  attr: () => onPath('getfattr') && onPath('setfacl'),
  /** Debian's btrfs-progs, a kernel with btrfs, and loop devices. */
  btrfs: () => onPath('mkfs.btrfs') && hasFileSystem('btrfs') && existsSync('/dev/loop-control'),
  /** Debian's erofs-utils, a kernel that mounts it from a file, and loop devices for a disk to put it on. */
  erofs: () => onPath('mkfs.erofs') && hasFileSystem('erofs') && kernelFrom(6, 12) && existsSync('/dev/loop-control'),
  strace: () => onPath('strace'),
  chromium: () => onPath('chromium'),
  runc: () => onPath('runc'),
  crun: () => onPath('crun'),
  /** Debian's package bubblewrap. */
  bwrap: () => onPath('bwrap'),
  /** User-mode emulation of arm64. */
  qemu: () => onPath('qemu-aarch64-static'),
  /** Debian's containernetworking-plugins, and the iptables that they call. */
  cni: () => existsSync('/usr/lib/cni/bridge') && onPath('iptables'),
  /** A C compiler. */
  cc: () => onPath('gcc'),
  /** The compilers that built the launcher's images, of the version that they were built with. */
  toolchain: () => launcherCompilers().every((line, i) => line === recordedCompilers()[i]),
  nginx: () => onPath('nginx'),
  /** The server too: redis-tools has it under another name. */
  redis: () => onPath('redis-cli') && onPath('redis-check-rdb'),
  node24: () => Number(process.versions.node.split('.')[0]) >= 24,
} as const satisfies Record<string, () => boolean>;

export type Requirement = keyof typeof CHECKS;

const ORDINARY = { uid: 65_534, gid: 65_534 };
const IMAGES = new URL('../../core/program/launcher/images.ts', import.meta.url);

/** Which of them this machine lacks. */
export function missing(requirements: readonly Requirement[]): Requirement[] {
  return requirements.filter((requirement) => !CHECKS[requirement]());
}

function hasFileSystem(name: string): boolean {
  return readFileSync('/proc/filesystems', 'utf8').includes(`\t${name}\n`);
}

function kernelFrom(major: number, minor: number): boolean {
  const [own = 0, below = 0] = release().split('.').map(Number.parseFloat);
  return own > major || (own === major && below >= minor);
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

function runs(program: string, args: readonly string[], options: { uid?: number; gid?: number } = {}): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', cwd: '/', ...options });
    return true;
  } catch {
    return false;
  }
}

/** A dynamic program names its loader. */
function isStatic(path: string): boolean {
  try {
    return !readFileSync(path).includes('/ld-linux');
  } catch {
    return false;
  }
}

function effectiveCapabilities(): bigint {
  return BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
}

function filesystems(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
}

function recordedCompilers(): string[] {
  return [...readFileSync(IMAGES, 'utf8').matchAll(/^\/\/ Compiler: (.*)$/gm)].map(([, line]) => line ?? '');
}

function launcherCompilers(): (string | undefined)[] {
  const compilers = ['x86_64-linux-gnu-gcc', 'aarch64-linux-gnu-gcc'];
  return recordedCompilers().map((_, i) => {
    const compiler = compilers[i] ?? '';
    if (!onPath(compiler)) return undefined;
    return execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  });
}
