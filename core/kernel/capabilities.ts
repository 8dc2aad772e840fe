/** capabilities(7), by number: uapi/linux/capability.h. The last three came with Linux 5.8 and 5.9. */
export const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** What a container has unless asked otherwise: 0xa80425fb. */
export const DEFAULT_CAPABILITIES: readonly Capability[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

/** The number of a capability, with or without `CAP_`, in any case; undefined for what is none. */
export function capabilityNumber(name: string): number | undefined {
  const number = (CAPABILITIES as readonly string[]).indexOf(name.toUpperCase().replace(/^CAP_/, ''));
  return number < 0 ? undefined : number;
}

/** A mask of capabilities. BigInt: numbers above 31 do not survive JavaScript's `1 << n`. */
export function capabilityMask(names: readonly Capability[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n);
}

/** The names in a mask; one that this table does not know is shown by its number. */
export function capabilityNames(mask: bigint): string[] {
  const names: string[] = [];
  for (let number = 0n; mask >> number > 0n; number++) {
    if ((mask >> number) & 1n) names.push(CAPABILITIES[Number(number)] ?? `CAP_${number}`);
  }
  return names;
}
