import {
  AT_EMPTY_PATH,
  type ChildProgram,
  deviceNodes,
  type Launch,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOVE_MOUNT_F_EMPTY_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  S_IFREG,
  type Slot,
} from '../../core/plugin/index.js';
import { LINK_HINT } from './attributes.js';
import { type Covers, openCovers } from './covers.js';
import { bindNode, makeNode } from './device-record.js';
import { messageQueues, sharedMemory } from './ipc-views.js';
import type { NamedMount } from './named-mount.js';
import { openTerminal } from './terminal.js';

/** Of the group "tty" in every distribution, as devpts wants it: grantpt(3). */
const TTY_GROUP = 5;
const LINKS = { ptmx: 'pts/ptmx', fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2' } as const;

/**
 * A minimal /dev on a tmpfs. It is filled while it is attached nowhere: its names are ours alone, and
 * mounts below it go to names in it instead of to paths of the container.
 * @returns what masks are made of
 */
export function mountDev(child: ChildProgram, launch: Launch): Covers {
  const { outside } = child;
  const dev = child
    .fsopen('tmpfs')
    .set('source', 'tmpfs')
    .set('mode', '755')
    .set('size', '64k')
    .mount(MOUNT_ATTR_NOSUID);
  for (const [name, to] of Object.entries(LINKS)) outside.call('symlinkat', [to, dev, name]);
  const nodes = makeNodes(child, launch, dev);
  const directories = makeDirectories(child, launch, dev);
  const bound = nodes.find(({ name }) => name === 'null');
  const covers = openCovers(child, dev, bound?.mount);
  const terminal = launch.spec.tty ? openTerminal(child, directories.pts, launch.spec.terminalSize) : undefined;
  child.attach(dev, '/dev', { links: 'refuse', keepOpen: true, hint: LINK_HINT });
  for (const { name, mount } of [...directories.mounts, ...nodes]) {
    moveBelow(child, mount, dev, name);
    if (mount !== covers.file) child.inside.call('close', [mount]);
  }
  if (terminal) bindConsole(child, dev, terminal);
  return covers;
}

/** mknod(2) where the kernel lets us; in a user namespace each is a bind of the host's. */
function makeNodes(child: ChildProgram, launch: Launch, dev: Slot): NamedMount[] {
  const nodes = deviceNodes(launch);
  if (launch.namespaces.has('user')) return nodes.map((node) => bindNode(child, dev, node));
  for (const node of nodes) makeNode(child.outside, dev, node);
  return [];
}

function makeDirectories(child: ChildProgram, launch: Launch, dev: Slot): { pts: Slot; mounts: NamedMount[] } {
  const pts = devpts(child, launch);
  const queues = messageQueues(child, launch);
  const mounts = [
    { name: 'pts', mount: pts },
    { name: 'shm', mount: sharedMemory(child, launch) },
  ];
  if (queues) mounts.push({ name: 'mqueue', mount: queues });
  for (const { name } of mounts) child.outside.call('mkdirat', [dev, name, 0o755]);
  return { pts, mounts };
}

/** Pseudo terminals of the container's own; the group only where the user namespace has it (else EINVAL). */
function devpts(child: ChildProgram, { idMaps }: Launch): Slot {
  const pts = child
    .fsopen('devpts')
    .set('source', 'devpts')
    .flag('newinstance')
    .set('ptmxmode', '0666')
    .set('mode', '0620');
  const hasGroup = !idMaps || idMaps.gids.some(({ inside, size }) => TTY_GROUP >= inside && TTY_GROUP < inside + size);
  if (hasGroup) pts.set('gid', String(TTY_GROUP));
  return pts.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

function moveBelow(child: ChildProgram, mount: Slot, dev: Slot, name: string): void {
  child.inside.call('move_mount', [mount, '', dev, name, MOVE_MOUNT_F_EMPTY_PATH], { note: `mount on /dev/${name}` });
}

/** /dev/console is the container's terminal: console(4), for programs that log to it. */
function bindConsole(child: ChildProgram, dev: Slot, terminal: Slot): void {
  child.outside.call('mknodat', [dev, 'console', S_IFREG | 0o600, 0]);
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
  const console = child.inside.callTo('console', 'open_tree', [terminal, '', flags]);
  moveBelow(child, console, dev, 'console');
}
