import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { PACKAGE } from '../package-paths.js';
import { lines, link, names, text } from './read.js';

const PR_GET_DUMPABLE = 3;
const PR_GET_CHILD_SUBREAPER = 37;
const STATUS_KEYS = [
  'Umask',
  'Uid',
  'Gid',
  'Groups',
  'Threads',
  'SigBlk',
  'SigIgn',
  'SigCgt',
  'CapPrm',
  'CapEff',
  'CapAmb',
  'NoNewPrivs',
];

/** This process's open files, by what they are: numbers of pipes and sockets say nothing. */
export function ownDescriptors(): string[] {
  return names('/proc/self/fd').flatMap((fd) => {
    const target = link(`/proc/self/fd/${fd}`)?.replace(/:\[\d+\]$/, '');
    // The directory that is being listed is among them, and gone by now.
    return target === undefined ? [] : [target];
  });
}

/** What an embedding program would notice if it changed. */
export function ownStatus(): string[] {
  const gate = new LibcGate();
  const subreaper = Buffer.alloc(4);
  gate.call('prctl', PR_GET_CHILD_SUBREAPER, subreaper);
  return [
    ...lines('/proc/self/status').filter((line) => STATUS_KEYS.includes(line.split(':')[0] ?? '')),
    ...names('/proc/self/ns').map((name) => `${name} ${link(`/proc/self/ns/${name}`)}`),
    `dumpable ${gate.call('prctl', PR_GET_DUMPABLE)}`,
    `child subreaper ${subreaper.readInt32LE()}`,
    `oom_score_adj ${text('/proc/self/oom_score_adj').trim()}`,
    `directory ${process.cwd()}`,
  ];
}

/** Handlers that were put on signals and on the end of the process. */
export function ownListeners(): string[] {
  const relevant = process.eventNames().filter((name) => /^SIG|exit$|^uncaught|^unhandled/i.test(String(name)));
  return relevant.map((name) => `${String(name)}: ${process.listenerCount(name)}`).sort();
}

/** Node, koffi and tsbox: their text, or what the kernel changes with it where that is much. */
export function installedFiles(): string[] {
  const dist = names(join(PACKAGE, 'dist')).map((name) => join('dist', name));
  const koffi = dirname(createRequire(import.meta.url).resolve(`@koromix/koffi-linux-${process.arch}`));
  return [
    ...[process.execPath, join(koffi, `linux_${process.arch}/koffi.node`)].map(identity),
    ...dist.filter((path) => /\.(c?js|json|cache)$/.test(path)).map(checksum),
  ];
}

function identity(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return `${path} ${found ? `inode ${found.ino}, ${found.size} bytes, changed ${found.ctimeNs}` : 'missing'}`;
}

function checksum(path: string): string {
  return `${path} ${createHash('sha256')
    .update(readFileSync(join(PACKAGE, path)))
    .digest('hex')}`;
}
