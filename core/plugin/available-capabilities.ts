import { readFileSync } from 'node:fs';
import type { Launch } from './launch.js';

const CAPABILITY_VERSION_3 = 0x2008_0522;

let last: number | undefined;

/** Number of the newest capability that this kernel has. */
export function lastCapability(): number {
  last ??= Number.parseInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'), 10);
  return last;
}

/** What a container can be given: what the caller has itself, or, in a user namespace, all there are. */
export function availableCapabilities({ gate, spec, host }: Launch): bigint {
  if (!host.privileged || spec.drivers.userns !== 'host') return (1n << BigInt(lastCapability() + 1)) - 1n;
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3);
  const data = Buffer.alloc(24);
  gate.call('capget', header, data);
  return BigInt(data.readUInt32LE(4)) | (BigInt(data.readUInt32LE(16)) << 32n);
}
