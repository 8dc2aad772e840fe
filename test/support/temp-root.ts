import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface TempRoot {
  /** Holds the other two, and whatever a test puts there. */
  readonly directory: string;
  readonly root: string;
  readonly runroot: string;
  /** `--root=… --runroot=…`, to stand before the command. */
  readonly flags: readonly [string, string];
}

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories.splice(0)) removeUnmounted(directory);
});

/** A state of its own, removed when the file is done. */
export function tempRoot(owner?: { readonly uid: number; readonly gid: number }): TempRoot {
  const directory = tempDirectory(owner);
  const [root, runroot] = [join(directory, 'root'), join(directory, 'run')];
  for (const path of [root, runroot]) {
    mkdirSync(path, { mode: 0o755 });
    if (owner) chownSync(path, owner.uid, owner.gid);
  }
  return { directory, root, runroot, flags: [`--root=${root}`, `--runroot=${runroot}`] };
}

/** An empty directory that everybody can pass through, removed when the file is done. */
export function tempDirectory(owner?: { readonly uid: number; readonly gid: number }): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-test-'));
  chmodSync(directory, 0o755);
  if (owner) chownSync(directory, owner.uid, owner.gid);
  directories.push(directory);
  return directory;
}

/** A mount that a test left below it may be the host's own root: nothing is removed then. */
function removeUnmounted(directory: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  const left = mounts.filter((target) => target.startsWith(`${directory}/`));
  if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
  rmSync(directory, { recursive: true, force: true });
}
