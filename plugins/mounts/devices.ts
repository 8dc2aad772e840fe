import {
  type ChildProgram,
  deviceNumber,
  type Launch,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOVE_MOUNT_F_EMPTY_PATH,
  S_IFCHR,
  type Slot,
} from '../../core/plugin/index.js';

/** The nodes that every container has: `[name, major, minor]`. */
const NODES = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
] as const;

const LINKS = { ptmx: 'pts/ptmx', fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2' } as const;

/** A minimal /dev, filled while it is attached nowhere and nobody can interfere. */
export function mountDev(child: ChildProgram, launch: Launch): void {
  const { outside } = child;
  const dev = child.fsopen('tmpfs').set('source', 'tmpfs').set('mode', '755').set('size', '64k').mount(MOUNT_ATTR_NOSUID);
  for (const [name, major, minor] of NODES) {
    outside.call('mknodat', [dev, name, S_IFCHR | 0o666, deviceNumber(major, minor)], { note: `/dev/${name}` });
  }
  for (const [name, to] of Object.entries(LINKS)) outside.call('symlinkat', [to, dev, name]);
  for (const name of ['pts', 'shm', 'mqueue']) outside.call('mkdirat', [dev, name, 0o755]);
  const pts = child.fsopen('devpts').set('source', 'devpts').flag('newinstance').set('ptmxmode', '0666').set('mode', '0620').set('gid', '5').mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  child.attach(dev, '/dev', { links: 'refuse' });
  child.attach(pts, '/dev/pts');
}
