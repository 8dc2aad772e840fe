import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const APPLETS = ['sh', 'cat', 'ls', 'true', 'sleep', 'readlink', 'ip', 'ping', 'id', 'stat', 'touch'];

/** An image that copies in a millisecond: a harness launches it a thousand times. */
export function smallImage(directory: string): string {
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp']) {
    mkdirSync(join(directory, folder), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(directory, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(directory, 'bin', applet));
  writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  return directory;
}
