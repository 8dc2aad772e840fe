import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gate } from './storage-bench.js';

const AT_FDCWD = -100;
const S_IFSOCK = 0o140000;
/** cap_net_raw+ep, as `struct vfs_ns_cap_data` revision 2. */
const CAPABILITY = '0x0100000200200000000000000000000000000000';

/**
 * A shell script that prints what is in its working directory: type, mode, owner, size, time and link
 * of every name; inodes, from which groups of hard links are seen; checksums; extended attributes.
 * atime and the sizes of directories are left out: nobody promises them.
 */
export const MANIFEST = String.raw`
  set -e
  find . -printf '%P\0%y %m %U:%G %T@ %l\0' -type f -printf '%s %n\0' | tr '\0\n' '\n\1'
  echo ---
  find . -type b -o -type c | sort | while IFS= read -r node; do stat -c '%n %t:%T' "$node"; done
  echo ---
  find . -type f -print0 | sort -z | xargs -0 -r sha256sum
  echo ---
  find . -print0 | sort -z | xargs -0 -r getfattr -h -d -m - -e hex --absolute-names -- 2>/dev/null || true
  echo ---
  find . ! -type d -links +1 -printf '%i %P\0' | sort -z | tr '\0\n' '\n\1'
`;

/** The output of {@link MANIFEST} in a form that does not depend on inode numbers or on order. */
export function normalized(manifest: string): string {
  const [files = '', devices, sums, xattrs, links = ''] = manifest.split('---\n');
  const inodes = new Map<string, string[]>();
  for (const line of links.split('\n').filter(Boolean)) {
    const [inode = '', ...name] = line.split(' ');
    inodes.set(inode, [...(inodes.get(inode) ?? []), name.join(' ')]);
  }
  const groups = [...inodes.values()].map((names) => names.sort().join(' = ')).sort();
  return [sortRecords(files), devices, sums, xattrs, groups.join('\n')].join('---\n');
}

/** Two lines for a name, three for a regular file. */
function sortRecords(text: string): string {
  const records: string[] = [];
  const lines = text.split('\n');
  for (let at = 0; at + 1 < lines.length; ) {
    const size = lines[at + 1]?.startsWith('f ') ? 3 : 2;
    records.push(lines.slice(at, at + size).join('\n'));
    at += size;
  }
  return `${records.sort().join('\n')}\n`;
}

/** What a directory of the host looks like. */
export function manifestOf(directory: string): string {
  const maxBuffer = 64 * 1024 * 1024;
  return normalized(execFileSync('sh', ['-c', MANIFEST], { cwd: directory, encoding: 'latin1', maxBuffer }));
}

/** A tree with everything that a copy can lose. Needs root. */
export function makeRichTree(directory: string, longestName = 255): string {
  mkdirSync(directory, { recursive: true });
  execFileSync('bash', ['--norc', '-euc', RICH_TREE.replace('{1..255}', `{1..${longestName}}`)], { cwd: directory });
  gate.call('mknodat', AT_FDCWD, join(directory, 'socket'), S_IFSOCK | 0o640, 0);
  execFileSync('touch', ['-d', '2004-04-04 04:04:04.040404040', '.'], { cwd: directory });
  chmodSync(directory, 0o751);
  return directory;
}

const RICH_TREE = String.raw`
  mkdir -p bin etc 'sub/deep/er' empty
  printf hello > etc/plain; : > etc/empty
  head -c 3000000 /dev/urandom > bin/large
  head -c 40000 /dev/urandom > bin/medium
  for name in $'new\nline' 'co:lon' 'com,ma' 'back\slash' 'sp ace' '-dash' '*' $'bytes\xff\xfe' "$(printf 'n%.0s' {1..255})"; do
    printf '%s' "$name" > "sub/$name"
  done
  mkdir $'sub/dir\xff:,\\ \n'; printf below > $'sub/dir\xff:,\\ \n/file'
  ln etc/plain etc/second; ln etc/plain sub/deep/third
  ln -s plain etc/link; ln -s /nowhere/at/all etc/dangling; ln -s ../../.. sub/deep/up
  ln -s "$(printf 'l%.0s' {1..1000})" sub/long-link
  mkfifo sub/pipe; mknod sub/null c 1 3; mknod sub/loop b 7 260
  truncate -s 70M sparse; printf x | dd of=sparse bs=1 seek=33554432 conv=notrunc status=none
  truncate -s 5M all-hole
  printf suid > bin/suid; chown 1234:4321 bin/suid; chmod 6755 bin/suid
  printf none > bin/none; chmod 000 bin/none
  chown -h 77:88 etc/link; chown 70000:70001 sub/deep
  chmod 1777 empty; chmod 2555 sub/deep/er
  setfattr -n user.note -v hello etc/plain; setfattr -n user.dir -v 0x00ff sub; setfattr -n trusted.mark -v t bin
  setfattr -h -n trusted.link -v l etc/dangling
  setfattr -n security.capability -v ${CAPABILITY} bin/medium
  setfacl -m u:1000:rw,g:2000:r etc/empty; setfacl -d -m u:1000:rwx empty
  touch -d '2001-02-03 04:05:06.123456789' etc/plain
  touch -h -d '1969-12-31 23:59:58.5' etc/link
  touch -d '2002-02-02 02:02:02.000000001' sub/pipe sub/null
  touch -d '2003-03-03 03:03:03.987654321' sub/deep/er empty bin sub
`;

/** Two layers in which the upper one changes the lower one in every way that overlay knows. Needs root. */
export function makeLayers(directory: string): [lower: string, upper: string] {
  const lower = join(directory, 'lower');
  const upper = join(directory, 'upper');
  for (const path of [lower, upper, join(directory, 'outside')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(directory, 'outside/kept'), 'kept');
  execFileSync('bash', ['--norc', '-euc', LOWER], { cwd: lower });
  execFileSync('bash', ['--norc', '-euc', UPPER, '-', join(directory, 'outside')], { cwd: upper });
  return [lower, upper];
}

const LOWER = `
  for name in kept hidden replaced merged/lower merged/gone opaque/lower file-to-dir dir-to-file/below dir-to-link/below deep/a/b/lower; do
    mkdir -p "$(dirname $name)"; printf "lower $name" > $name
  done
  mkdir -p back/again; printf old > back/again/old
  chmod 700 merged
`;
const UPPER = `
  mknod hidden c 0 0; printf 'upper replaced' > replaced
  mkdir merged opaque file-to-dir; chmod 755 merged
  printf 'upper' > merged/upper; mknod merged/gone c 0 0
  setfattr -n trusted.overlay.opaque -v y opaque; printf upper > opaque/upper
  printf upper > file-to-dir/below; printf upper > dir-to-file; ln -s "$1" dir-to-link
  mkdir -p deep/a/b; printf upper > deep/a/b/upper; mknod deep/a/b/lower c 0 0
  mknod lonely-whiteout c 0 0
`;

/** The files that an overlay of those layers shows, with their contents. */
export const MERGED = [
  './back/again/old=old',
  './deep/a/b/upper=upper',
  './dir-to-file=upper',
  './file-to-dir/below=upper',
  './kept=lower kept',
  './merged/lower=lower merged/lower',
  './merged/upper=upper',
  './opaque/upper=upper',
  './replaced=upper replaced',
];
export const LIST_FILES = 'find . -type f | sort | while read -r f; do echo "$f=$(cat "$f")"; done';
