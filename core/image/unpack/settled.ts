import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/**
 * A rename can reach the disk before the files that it makes visible, and a power failure then
 * leaves them empty. Waiting for the disk (syncfs(2)) would wait for everybody's data; instead what
 * was unpacked is trusted in the boot in which it was made, and in later ones only if it was used
 * once after the kernel's writeback must have been through. Otherwise it is unpacked again.
 */
const WRITEBACK_SECONDS = 120;

interface Unpacked {
  readonly version: 1;
  readonly source: string;
  readonly boot: string;
  /** Seconds after boot. */
  readonly uptime: number;
}

export function recordUnpacked(directory: string, source: string): void {
  const record: Unpacked = { version: 1, source, boot: bootId(), uptime: uptime() };
  writeFileSync(join(directory, 'image.json'), JSON.stringify(record));
}

/** Whether there is something, and nothing of it can have been lost. */
export function isWhole(directory: string): boolean {
  const record = readRecord(directory);
  return record !== undefined && (record.boot === bootId() || existsSync(join(directory, 'settled')));
}

/** The tar file that a directory was unpacked from; undefined where that is not known any more. */
export function sourceOfUnpacked(directory: string): string | undefined {
  return readRecord(directory)?.source;
}

/** Called at each use. */
export function settle(directory: string): void {
  const record = readRecord(directory);
  if (record?.boot !== bootId() || uptime() - record.uptime < WRITEBACK_SECONDS) return;
  try {
    writeFileSync(join(directory, 'settled'), '', { flag: 'wx' });
  } catch {
    // It was settled before, or the store cannot be written: then it is unpacked again some day.
  }
}

function readRecord(directory: string): Unpacked | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'image.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
