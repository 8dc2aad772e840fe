import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { TreeCopier } from '../../plugins/storage-copy/tree-copier.js';
import { interleave, type Measure } from '../interleave.js';
import { type DiskType, noDisk, withDisk } from '../loop-disk.js';
import { timedProcess } from '../processes.js';
import { withScratch } from '../scratch.js';
import { sampling, setting } from '../settings.js';
import { printTable } from '../table.js';
import { makeLargeFiles, makeSmallFiles } from '../trees.js';

/** The copy of the storage driver against `cp -a --reflink=auto` of the same tree, on three file systems. */
const SAMPLING = sampling(25, 1);
const FILES = setting('FILES', 5000);
const LARGE_MIB = setting('LARGE_MIB', 256);
const DISKS: readonly DiskType[] = ['ext4', 'xfs', 'btrfs'];
const DISK_MIB = 4096;

async function main(directory: string): Promise<void> {
  for (const type of DISKS) {
    const why = noDisk(type);
    if (why) console.log(`${type}: not measured: ${why}\n`);
    else await withDisk(type, DISK_MIB, directory, (disk) => onDisk(disk, type));
  }
}

async function onDisk(disk: string, type: DiskType): Promise<void> {
  const trees = { small: join(disk, 'small'), large: join(disk, 'large') };
  makeSmallFiles(trees.small, FILES);
  makeLargeFiles(trees.large, LARGE_MIB, Math.min(16, LARGE_MIB));
  const title = { small: `${FILES} small files on ${type}`, large: `${LARGE_MIB} MiB in large files on ${type}` };
  for (const tree of ['small', 'large'] as const) {
    const kinds = {
      'cp -a --reflink=auto': copyWithCp(disk, trees[tree]),
      'storage copy': copyWithUs(disk, trees[tree]),
    };
    printTable(['copied'], await interleave(kinds, SAMPLING), title[tree]);
  }
}

function copyWithCp(disk: string, source: string): Measure {
  const target = join(disk, 'target');
  return async () => {
    afresh(disk, target);
    return timedProcess('cp', ['-a', '--reflink=auto', `${source}/.`, target]);
  };
}

function copyWithUs(disk: string, source: string): Measure {
  const target = join(disk, 'target');
  const [gate, host] = [new LibcGate(), readHost()];
  return async () => {
    afresh(disk, target);
    const start = process.hrtime.bigint();
    await new TreeCopier(gate, host).copy({ layers: [source], target });
    return [Number(process.hrtime.bigint() - start)];
  };
}

/** Nothing that an earlier copy left to be written is on the disk's mind. */
function afresh(disk: string, target: string): void {
  execFileSync('rm', ['-rf', target]);
  mkdirSync(target);
  execFileSync('sync', ['--file-system', disk]);
}

await withScratch(main);
