import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type DiskType = 'ext4' | 'xfs' | 'btrfs';

const MKFS_FLAGS: Readonly<Record<DiskType, readonly string[]>> = { ext4: ['-F'], xfs: ['-f'], btrfs: ['-f'] };
const PATIENCE_MS = 20_000;

/** Why there can be no such file system here; undefined where there can. */
export function noDisk(type: DiskType): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount one';
  try {
    execFileSync(`mkfs.${type}`, ['-V'], { stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `there is no mkfs.${type}`;
  }
  return readFileSync('/proc/filesystems', 'utf8').includes(`\t${type}\n`) ? undefined : `this kernel has no ${type}`;
}

/** A file system in a file, while `work` runs. mount(8) attaches a loop device that goes with its last user. */
export async function withDisk(
  type: DiskType,
  mebibytes: number,
  directory: string,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const file = join(directory, `${type}.disk`);
  const path = join(directory, type);
  writeFileSync(file, '');
  truncateSync(file, mebibytes * 2 ** 20);
  mkdirSync(path);
  execFileSync(`mkfs.${type}`, [...MKFS_FLAGS[type], '-q', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('mount', ['-o', 'loop', file, path]);
  try {
    await work(path);
  } finally {
    execFileSync('umount', [path]);
    const end = performance.now() + PATIENCE_MS;
    while (isAttached(file) && performance.now() < end) await sleep(10);
  }
}

/** A tmpfs, while `work` runs. */
export async function withMemory(path: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', path]);
  try {
    await work();
  } finally {
    execFileSync('umount', [path]);
  }
}

function isAttached(file: string): boolean {
  return readdirSync('/sys/block').some((name) => {
    const backing = `/sys/block/${name}/loop/backing_file`;
    return existsSync(backing) && readFileSync(backing, 'utf8').trim().startsWith(file);
  });
}
