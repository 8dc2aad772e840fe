import type { Gate } from '../../core/kernel/gate.js';

const PROT_READ = 1;
const MAP_SHARED = 1;
const POSIX_FADV_DONTNEED = 4;
const PAGE = 4096;

/**
 * How many bytes of an open file are in the page cache: mincore(2) of a mapping of it, which shows the pages of the
 * file that is really read, below overlay too. In whole pages of 4 KiB. @throws SyscallError
 */
export function residentBytes(gate: Gate, fd: number, size: number): number {
  const address = gate.call('mmap', 0, size, PROT_READ, MAP_SHARED, fd, 0);
  try {
    const pages = new Uint8Array(Math.ceil(size / PAGE));
    gate.call('mincore', address, size, pages);
    return pages.reduce((sum, page) => sum + (page & 1), 0) * PAGE;
  } finally {
    gate.call('munmap', address, size);
  }
}

/** Drops what the page cache has of a file, where nobody uses it. Written pages have to be on disk before. */
export function forget(gate: Gate, fd: number): void {
  gate.call('fadvise64', fd, 0, 0, POSIX_FADV_DONTNEED);
}
