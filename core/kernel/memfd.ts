import { closeSync, openSync, writeSync } from 'node:fs';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 16;
const F_ADD_SEALS = 1033;
const SEAL_ALL = 0x1 | 0x2 | 0x4 | 0x8; // seal, shrink, grow, write
/** Its x bits: root of a container could take them away otherwise, from all launches to come. */
const SEAL_EXEC = 0x20;

/** Makes a memfd that nobody will execute, with `bytes` in it. The caller closes it. */
export function createMemfd(gate: Gate, name: string, bytes: Uint8Array): number {
  const fd = memfdCreate(gate, name, MFD_CLOEXEC, MFD_NOEXEC_SEAL);
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Makes an executable memfd that nobody can change, and returns a read-only descriptor of it.
 * Read-only, because exec fails with ETXTBSY while a writable one is open; sealed, because a
 * process in a container could open /proc/PID/exe for writing otherwise (CVE-2019-5736).
 */
export function createSealedExecutable(gate: Gate, name: string, bytes: Uint8Array): number {
  const fd = memfdCreate(gate, name, MFD_CLOEXEC | MFD_ALLOW_SEALING, MFD_EXEC);
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
    // EINVAL before Linux 6.3.
    if (gate.attempt('fcntl', fd, F_ADD_SEALS, SEAL_ALL | SEAL_EXEC) < 0) gate.call('fcntl', fd, F_ADD_SEALS, SEAL_ALL);
    return openSync(`/proc/self/fd/${fd}`, 'r');
  } finally {
    closeSync(fd);
  }
}

/** MFD_EXEC and MFD_NOEXEC_SEAL are refused before Linux 6.3, where every memfd is executable. */
function memfdCreate(gate: Gate, name: string, flags: number, execution: number): number {
  try {
    return gate.call('memfd_create', name, flags | execution);
  } catch (error) {
    if (!hasCode(error, 'EINVAL')) throw error;
    return gate.call('memfd_create', name, flags);
  }
}
