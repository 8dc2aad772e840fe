import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { type FailureFacts, TsboxError } from '../plugin/error.js';

interface Reason {
  readonly why: string;
  readonly fix: string;
  /** Id of its explanation. */
  readonly diagnosis: string;
}

/** What a store can be in the way of, by errno name. */
const REASONS: Readonly<Record<string, Reason>> = {
  ENOSPC: {
    why: 'no space is left on its file system',
    fix: 'free some: tsbox system prune, or rm',
    diagnosis: 'no-space',
  },
  EDQUOT: { why: 'the disk quota is used up', fix: 'free some: tsbox system prune, or rm', diagnosis: 'disk-quota' },
  EROFS: {
    why: 'its file system is read-only',
    fix: 'mount it for writing, or choose another --root and --runroot',
    diagnosis: 'read-only-store',
  },
  EMFILE: {
    why: 'this process has too many open files',
    fix: 'raise the limit: ulimit -n 4096',
    diagnosis: 'fd-limit',
  },
  ENFILE: {
    why: 'the machine has too many open files',
    fix: 'raise the limit: sysctl fs.file-max',
    diagnosis: 'fd-limit-machine',
  },
  EACCES: {
    why: 'this user has no right to it',
    fix: 'run tsbox as its owner, or choose another --root and --runroot',
    diagnosis: 'store-not-writable',
  },
  ENOTDIR: {
    why: 'a part of the path is no directory',
    fix: 'choose another --root and --runroot',
    diagnosis: 'store-not-a-directory',
  },
  EIO: { why: 'its disk has an error', fix: 'see dmesg, and check the disk', diagnosis: 'disk-error' },
};

/**
 * A failure of the place where state is kept, as the user should see it: the file, the reason, what mends
 * it. Undefined for an error of another kind.
 * @param path what was to be written or read; shown where the error names none
 * @param what default: `cannot write PATH`
 */
export function storageError(
  error: unknown,
  path: string,
  what = `cannot write ${path}`,
  facts?: FailureFacts,
): TsboxError | undefined {
  const code = Object.keys(REASONS).find((name) => hasCode(error, name));
  if (code === undefined) return undefined;
  const { why, fix, diagnosis } = code === 'ENOSPC' && hasNoInodes(path) ? NO_INODES : (REASONS[code] as Reason);
  return new TsboxError('ERR_TSBOX_STATE', { what, why, fix, cause: error, diagnosis, facts });
}

/** Whether it is the store that is full, rather than something else in the way: what is there can still be overwritten. */
export function isFull(error: unknown): boolean {
  return hasCode(error, 'ENOSPC', 'EDQUOT');
}

/** What mends a failure of this errno name; undefined where it is none of the store's. */
export function storageFix(code: string): string | undefined {
  return REASONS[code]?.fix;
}

const NO_INODES: Reason = {
  why: 'no inode is left on its file system',
  fix: 'remove some files: tsbox system prune, or rm',
  diagnosis: 'no-inodes',
};

function hasNoInodes(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { files, ffree } = statfsSync(at);
      return files > 0 && ffree === 0;
    } catch {
      if (at === '/' || at === '.') return false;
    }
  }
}
