import type { Gate } from './gate.js';

/** Resources of prlimit(2) by the names that --ulimit takes; the numbers are the same on both architectures. */
export const RLIMITS = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
} as const;

export type RlimitName = keyof typeof RLIMITS;

/** RLIM_INFINITY. */
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

export interface RlimitPair {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** A limit of the calling process. */
export function readRlimit(gate: Gate, name: RlimitName): RlimitPair {
  const pair = Buffer.alloc(16);
  gate.call('prlimit64', 0, RLIMITS[name], null, pair);
  return { soft: pair.readBigUInt64LE(0), hard: pair.readBigUInt64LE(8) };
}

/** `struct rlimit64`. */
export function encodeRlimit({ soft, hard }: RlimitPair): Uint8Array {
  const pair = Buffer.alloc(16);
  pair.writeBigUInt64LE(soft, 0);
  pair.writeBigUInt64LE(hard, 8);
  return pair;
}
