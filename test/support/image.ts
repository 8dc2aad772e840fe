import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
alice:x:1000:1000:Alice:/home/alice:/bin/sh
`;
const GROUP = 'root:x:0:\ndaemon:x:1:\nwheel:x:10:root,alice\nalice:x:1000:\n';

/**
 * Makes a directory image out of Debian's static busybox: all its applets, users root and alice.
 * @param files further files by path in the image
 */
export function busyboxImage(directory: string, files: Readonly<Record<string, string>> = {}): string {
  const folders = ['bin', 'dev', 'etc', 'home/alice', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/bin', 'var/tmp'];
  for (const folder of folders) mkdirSync(join(directory, folder), { recursive: true });
  const busybox = join(directory, 'bin/busybox');
  copyFileSync('/bin/busybox', busybox);
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(directory, 'bin', applet));
  for (const [path, text] of Object.entries({ 'etc/passwd': PASSWD, 'etc/group': GROUP, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}
