import { S_IFDIR, S_IFMT, S_IFREG } from '../../kernel/fcntl.js';
import type { FileStatus } from '../../kernel/statx.js';
import { type Name, textOf } from '../../kernel/tree/index.js';

const DIRECTORIES: readonly string[] = ['dev', 'etc', 'proc', 'sys'];
const FILES: readonly string[] = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf'];

/**
 * Whether a new file is a place that tsbox made for a mount of its own, because the image has none. It is no
 * change of the container's: docker has these in a layer of its own. Mount points that the user asked for are.
 */
export function isMadePlace(path: Name, { mode, size }: FileStatus): boolean {
  const text = textOf(path);
  if ((mode & S_IFMT) === S_IFDIR) return DIRECTORIES.includes(text);
  return (mode & S_IFMT) === S_IFREG && size === 0 && FILES.includes(text);
}
