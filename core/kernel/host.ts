import { readFileSync } from 'node:fs';
import { release } from 'node:os';

const CAP_SYS_ADMIN = 21n;

/** Facts about this machine and this process that do not change while it runs. */
export interface Host {
  readonly uid: number;
  readonly gid: number;
  /** Root with CAP_SYS_ADMIN in the namespace it is in; false: a user namespace is needed. */
  readonly privileged: boolean;
  /** Kernel release as `[major, minor]`. */
  readonly kernel: readonly [number, number];
}

/** Reads the facts. */
export function readHost(): Host {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return { uid, gid, privileged: uid === 0 && hasCapability(CAP_SYS_ADMIN), kernel: [major, minor] };
}

/** Whether the kernel is at least `major.minor`. */
export function kernelAtLeast(host: Host, major: number, minor: number): boolean {
  return host.kernel[0] > major || (host.kernel[0] === major && host.kernel[1] >= minor);
}

function hasCapability(capability: bigint): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> capability) & 1n) === 1n;
}
