import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { HostTree } from './host-tree.js';

/** Directories that a small system expects, with their modes; mount points among them. */
const DIRECTORIES: readonly (readonly [string, number])[] = [
  ['/dev', 0o755],
  ['/etc', 0o755],
  ['/proc', 0o555],
  ['/root', 0o700],
  ['/run', 0o755],
  ['/sys', 0o555],
  ['/tmp', 0o1777],
  ['/var', 0o755],
  ['/var/tmp', 0o1777],
];
/** Links of merged systems: `#!/bin/sh` must work where the shell was found in /usr/bin. */
const MERGED = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  // Bound over at run time; there, so that this also works on a read-only root.
  '/etc/hosts': '',
  '/etc/hostname': '',
  '/etc/resolv.conf': '',
};

/** Full-screen programs ask for the terminal by name: terminfo(5). */
const TERMINALS = [
  'dumb',
  'linux',
  'screen',
  'screen-256color',
  'tmux-256color',
  'vt100',
  'vt220',
  'xterm',
  'xterm-256color',
];
const TERMINFO = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo'];

/** What every image has beside its programs. Called first: it makes the links that paths go through. */
export function addSkeleton(tree: HostTree): void {
  for (const path of MERGED) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) tree.link(path, readlinkSync(path));
  }
  for (const [path, mode] of DIRECTORIES) tree.directory(path, mode);
  for (const [path, content] of Object.entries(FILES)) tree.write(path, content);
}

export function addTerminals(tree: HostTree): void {
  for (const name of TERMINALS) {
    const found = TERMINFO.map((directory) => `${directory}/${name[0]}/${name}`).find((path) => existsSync(path));
    if (found !== undefined) tree.add(found);
  }
}
