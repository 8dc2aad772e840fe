import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageFromHost } from '../../core/image/index.js';
import { type LibraryEngine, TsboxError } from '../../core/index.js';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { ComparisonOptions } from '../context.js';
import { type RuntimeContext, STAY, type Subject } from './runtime.js';
import { Spawned } from './spawned.js';

/** What the workloads run. */
const PROGRAMS = ['true', 'echo', STAY[0]] as const;
/** Where the user's own workload is in the root file system. */
export const OWN_COMMAND = '/tsbox-workload';
/** Where plan --format oci says that the root is. */
const ROOT = '"path": "rootfs"';

type Place = Pick<RuntimeContext, 'engine' | 'scratch'>;
type Asked = Pick<ComparisonOptions, 'image' | 'command'>;

/**
 * A root file system that all runtimes can have: a directory of this comparison's own, so that the mount points that
 * some of them make in it are in nobody's image. Of a few programs of this machine, or a copy of the image's.
 */
export async function makeSubject({ engine, scratch }: Place, { image, command }: Asked = {}): Promise<Subject> {
  const programs = command === undefined ? PROGRAMS : [...PROGRAMS, 'sh'];
  const rootfs = image === undefined ? await fromHost(scratch, programs) : await copyOf(engine, image, scratch);
  if (command !== undefined) {
    copyFileSync(command, join(rootfs, OWN_COMMAND));
    chmodSync(join(rootfs, OWN_COMMAND), 0o755);
  }
  return {
    rootfs,
    oci: async (command) => {
      const plan = await engine.plan({ image: rootfs, command, network: 'none' });
      return (await plan.oci()).replace(ROOT, `"path": ${JSON.stringify(rootfs)}`);
    },
  };
}

async function fromHost(scratch: string, programs: readonly string[]): Promise<string> {
  const root = join(scratch, 'store');
  await imageFromHost({ root, name: 'compare', programs, gate: new LibcGate(), host: readHost() });
  return join(root, 'images/compare/layer');
}

async function copyOf(engine: LibraryEngine, image: string, scratch: string): Promise<string> {
  const plan = await engine.plan({ image, command: ['true'], network: 'none' });
  const { annotations } = JSON.parse(await plan.oci());
  const layers: string[] = JSON.parse(annotations['tsbox.image.layers']);
  const [layer] = layers;
  if (layer === undefined || layers.length > 1 || layer === '/')
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `cannot compare runtimes with the image ${image}`,
      why: layer === '/' ? 'it is all of this machine, which no other runtime can have' : 'it has several layers',
      fix: 'use an image of one directory: --image ./directory, or one that tsbox commit or tsbox image from-host made',
    });
  const copy = join(scratch, 'rootfs');
  await new Spawned().run('cp', ['-a', '--reflink=auto', layer, copy]);
  return copy;
}
