import { readFileSync } from 'node:fs';

/** A line of /proc/self/mountinfo: proc_pid_mountinfo(5). */
export interface HostMount {
  readonly path: string;
  readonly type: string;
}

/** Local file systems that overlay takes as a lower layer; an upper directory of its own makes each writable. */
const OVERLAYABLE = new Set(
  'ext2 ext3 ext4 xfs btrfs f2fs bcachefs zfs jfs nilfs2 reiserfs overlay nfs nfs4 ceph virtiofs 9p'.split(' '),
);
/** Files that matter on file systems that overlay refuses (they fold case), or that nobody writes to. */
const READ_ONLY = new Set('vfat exfat ntfs3 cifs smb3 squashfs erofs iso9660 udf'.split(' '));

/** How the files of a mount can be shown: none for a pseudo file system. */
export function showing(type: string): 'overlay' | 'bind' | 'none' {
  if (OVERLAYABLE.has(type)) return 'overlay';
  return READ_ONLY.has(type) || type.startsWith('fuse.') || type === 'fuseblk' ? 'bind' : 'none';
}

export function readHostMounts(): HostMount[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The mounts of a table by path, parents first. Of several on one path the last covers the others. */
export function parseMountinfo(text: string): HostMount[] {
  const mounts = new Map<string, HostMount>();
  for (const line of text.split('\n')) {
    const [left, right] = line.split(' - ');
    const path = unescapeOctal(left?.split(' ')[4] ?? '');
    const type = right?.split(' ')[0];
    if (path.startsWith('/') && type) mounts.set(path, { path, type });
  }
  return [...mounts.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Space, tab, newline and backslash are written as \040 \011 \012 \134. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
