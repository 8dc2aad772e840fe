import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../../core/kernel/gate.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { Sample, Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { type ImageFile, largestFile, listFiles } from './image-files.js';
import { forget, residentBytes } from './resident.js';
import type { Subject } from './subject.js';

/** The same every time, as far as nobody else reads that file. */
const ROUNDS = 3;
const CHUNK = 1 << 20;

/** Whether containers of one image share the memory in which the kernel keeps files. */
export function pageCacheWorkload(subject: Subject): Workload {
  return {
    name: 'page-cache',
    rounds: ROUNDS,
    yields: [
      {
        name: 'page-cache',
        title: 'page cache of a second reader',
        description:
          'A container reads the largest file of the image, then another one does: the bytes of the page cache that the second reading added, counted with mincore.',
        group: 'memory',
        unit: 'bytes',
        better: 'less',
      },
    ],
    open: async (candidate) => {
      const gate = new LibcGate();
      const containers: IdleContainer[] = [];
      const close = async () => {
        for (const container of containers) await container.end();
      };
      try {
        for (let index = 0; index < 2; index++) containers.push(await IdleContainer.start(subject, candidate));
        const file = largestFile(listFiles((containers[0] as IdleContainer).root));
        return { run: async () => [secondReader(gate, containers, file)], close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

function secondReader(gate: Gate, containers: readonly IdleContainer[], { path, size }: ImageFile): Sample {
  const files = containers.map(({ root }) => openSync(join(root, path), 'r'));
  const [first, second] = files as [number, number];
  const resident = () => residentBytes(gate, second, size);
  try {
    for (const fd of files) {
      fsyncSync(fd);
      forget(gate, fd);
    }
    if (resident() > 0) return 'the file system keeps the file in memory by itself, or somebody else reads it';
    readAll(first);
    const shared = resident();
    readAll(second);
    return resident() - shared;
  } finally {
    for (const fd of files) closeSync(fd);
  }
}

function readAll(fd: number): void {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let at = 0;
  for (let count = -1; count !== 0; at += count) count = readSync(fd, chunk, 0, CHUNK, at);
}
