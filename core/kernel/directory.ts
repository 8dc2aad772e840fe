import type { Gate } from './gate.js';

/** One name in a directory. Names are bytes: Linux does not ask for UTF-8. */
export interface DirectoryEntry {
  /** With its NUL, as system calls take it. */
  readonly name: Buffer;
  /** DT_*: {@link DT_DIR} …; DT_UNKNOWN on file systems that do not say. */
  readonly type: number;
}

export const DT_UNKNOWN = 0;
export const DT_DIR = 4;

/** offsetof(struct linux_dirent64, d_name): getdents64(2). */
const NAME_OFFSET = 19;
const BUFFER_SIZE = 65536;
/** Made once: nothing waits while it is in use. */
let scratch: Buffer | undefined;

/** Reads a whole directory, without `.` and `..`. @throws SyscallError */
export function readDirectory(gate: Gate, fd: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  scratch ??= Buffer.allocUnsafe(BUFFER_SIZE);
  for (;;) {
    const length = gate.call('getdents64', fd, scratch, BUFFER_SIZE);
    if (length === 0) return entries;
    parse(Buffer.from(scratch.subarray(0, length)), entries);
  }
}

function parse(records: Buffer, entries: DirectoryEntry[]): void {
  for (let at = 0; at < records.length; at += records.readUInt16LE(at + 16)) {
    const start = at + NAME_OFFSET;
    const name = records.subarray(start, records.indexOf(0, start) + 1);
    if (!isDots(name)) entries.push({ name, type: records[at + 18] as number });
  }
}

function isDots(name: Buffer): boolean {
  const dot = 0x2e;
  return name[0] === dot && (name.length === 2 || (name[1] === dot && name.length === 3));
}
