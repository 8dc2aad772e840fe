import { existsSync } from 'node:fs';
import type { ChildProgram, Launch, Slot } from '../../core/plugin/index.js';
import { HARMLESS } from './attributes.js';

/** /dev/shm for shm_open(3): the container's own, or the host's where its IPC is the host's. */
export function sharedMemory(child: ChildProgram, { spec }: Launch): Slot {
  if (spec.namespaces.ipc === 'host') return child.openTree('/dev/shm', { hint: 'the host has no /dev/shm' });
  return child
    .fsopen('tmpfs')
    .set('source', 'shm')
    .set('mode', '1777')
    .set('size', String(spec.shmSize))
    .mount(HARMLESS);
}

/**
 * POSIX message queues of the container's IPC namespace: mq_overview(7). In a user namespace the
 * host's can only be bound; undefined where the host has not mounted them itself.
 */
export function messageQueues(child: ChildProgram, { spec, namespaces }: Launch): Slot | undefined {
  const isForeign = spec.namespaces.ipc === 'host' && namespaces.has('user');
  if (!isForeign) return child.fsopen('mqueue').set('source', 'mqueue').mount(HARMLESS);
  return existsSync('/dev/mqueue') ? child.openTree('/dev/mqueue') : undefined;
}
