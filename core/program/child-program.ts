import { O_CLOEXEC, O_WRONLY } from '../kernel/fcntl.js';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_RECURSIVE,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_SIZE,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
} from '../kernel/mount.js';
import type { Arch } from '../kernel/syscalls.js';
import { FilesystemContext } from './filesystem.js';
import { DESCRIPTORS_PER_MESSAGE, recordReceive, recordSend } from './hand-over.js';
import { Memory, type OpArg, Slot } from './memory.js';
import type { MovedPaths } from './moved-paths.js';
import type { OpOptions } from './op.js';
import type { Program } from './program.js';
import type { Author, Recorder } from './recorder.js';
import { type LinkPolicy, recordDirectory, recordTarget } from './target-path.js';

export type { LinkPolicy } from './target-path.js';

/** What all plugins that record into one program share. */
export interface SharedChild {
  readonly program: Program;
  readonly arch: Arch;
  /** Whether proc may be mounted anew; false where the pid namespace is the host's and ours is not. */
  readonly procMountable: boolean;
  procfs?: Slot;
  rootMount?: Slot;
  rootFd?: Slot;
  /** It enters a container that runs: `inside` is executed before the clone, `command` after it. */
  readonly entering?: true;
  /** Names of descriptors that the engine sends after the barrier, one list per message. */
  handOvers?: string[][];
  /** Set by a userns driver that maps the owners of files. */
  moved?: MovedPaths;
  /** The container's side of its terminal (pts(4)), open since "outside"; absent without one. */
  terminal?: Slot;
}

export interface BindOptions {
  readonly readOnly?: boolean;
  /** Take mounts below the source along; default true. */
  readonly recursive?: boolean;
  /** Make the target as a `file` or `directory` where it is missing. */
  readonly kind?: 'file' | 'directory';
  readonly hint?: string;
}

export interface AttachOptions {
  /** What is made where the target is missing; default a directory. */
  readonly kind?: 'file' | 'directory';
  readonly links?: LinkPolicy;
  /** Leave the mount's descriptor open, for mounts below it. */
  readonly keepOpen?: boolean;
  readonly hint?: string;
}

/**
 * The child program as one plugin sees it in one hook. Nothing here is executed when it is called:
 * ops are recorded in the engine and executed in the child, `outside` before it enters the rootfs,
 * `inside` after. Sources on the host are opened in `outside`, targets resolved in `inside`; the
 * two never meet in a path, so a link in an image leads nowhere outside.
 */
export class ChildProgram {
  /** Stage one: still in the host's namespaces. */
  readonly launcher: Recorder;
  /** In the new namespaces, the host's tree still visible. */
  readonly outside: Recorder;
  /** The step into the rootfs. */
  readonly enter: Recorder;
  /** The rootfs is `/`. In the preExec hook: last of all. */
  readonly inside: Recorder;
  /** In the preExec hook: the command's own process. In a launch that is the one of `inside`, in an exec its child. */
  readonly command: Recorder;

  constructor(
    readonly shared: SharedChild,
    author: Author,
  ) {
    const { program } = shared;
    this.launcher = program.recorder('launcher', author);
    this.outside = program.recorder('outside', author);
    this.enter = program.recorder('enter', author);
    this.inside = program.recorder(author.hook === 'preExec' ? 'preExec' : 'inside', author);
    this.command = shared.entering ? program.recorder('exec', author) : this.inside;
  }

  get arch(): Arch {
    return this.shared.arch;
  }

  /** Configures a new file system; mount it, then {@link attach} it. */
  fsopen(type: string, hint?: string): FilesystemContext {
    return new FilesystemContext(this.outside, type, hint);
  }

  /**
   * Where the child finds a directory that its file system is made of: a layer, or something in the
   * container's own directory. Another path than the host's where a userns driver maps owners.
   */
  hostPath(path: string): string {
    return this.shared.moved?.tree(path) ?? path;
  }

  /** Takes descriptors that the same plugin gives with `launch.handOver` in postClone. */
  receive(names: readonly string[]): Slot[] {
    const slots: Slot[] = [];
    for (let at = 0; at < names.length; at += DESCRIPTORS_PER_MESSAGE) {
      const message = names.slice(at, at + DESCRIPTORS_PER_MESSAGE);
      this.shared.handOvers = [...(this.shared.handOvers ?? []), message];
      slots.push(...recordReceive(this.outside, message));
    }
    return slots;
  }

  /**
   * Sends a descriptor (a listening socket of the container's own namespace) to the engine, over a socket that
   * was received. Its other end takes it with `receiveDescriptor`, in the hook postStart at the latest.
   */
  send(socket: number | Slot, fd: Slot, note: string): void {
    recordSend(this.outside, socket, fd, note);
  }

  /** A detached copy of a tree of the host (open_tree(2)): a bind mount that has no place yet. */
  openTree(source: string | Slot, options: { recursive?: boolean; readOnly?: boolean; hint?: string } = {}): Slot {
    const { recursive = true, readOnly = false, hint } = options;
    const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    const path = typeof source === 'string' ? (this.shared.moved?.bind(source) ?? source) : '';
    const args: OpArg[] = typeof source === 'string' ? [AT_FDCWD, path, flags] : [source, path, flags | AT_EMPTY_PATH];
    const tree = this.outside.callTo('tree', 'open_tree', args, hint ? { hint } : {});
    if (readOnly) this.setAttributes(this.outside, tree, { set: MOUNT_ATTR_RDONLY, recursive });
    return tree;
  }

  /** mount_setattr(2) on a mount's descriptor. */
  setAttributes(
    recorder: Recorder,
    mount: Slot,
    options: { set?: number; clear?: number; propagation?: number; recursive?: boolean },
  ): void {
    const attributes = new Memory(MOUNT_ATTR_SIZE, 'mount_attr');
    attributes
      .u32(0, options.set ?? 0)
      .u32(8, options.clear ?? 0)
      .u32(16, options.propagation ?? 0);
    const flags = AT_EMPTY_PATH | (options.recursive ? AT_RECURSIVE : 0);
    recorder.call('mount_setattr', [mount, '', flags, attributes, MOUNT_ATTR_SIZE]);
  }

  /** Says which detached mount becomes `/`. Called once, by the storage driver. */
  rootfs(mount: Slot): void {
    if (this.shared.rootMount) throw new Error('the rootfs was already given');
    this.shared.rootMount = mount;
  }

  /**
   * A descriptor of the rootfs, for resolving targets; valid in `inside`. The plugin that enters the
   * rootfs records with `result: child.root`, which may come after others have recorded their use of it.
   */
  get root(): Slot {
    this.shared.rootFd ??= new Slot('rootfs');
    return this.shared.rootFd;
  }

  /** Bind mounts a path of the host into the container. */
  bind(source: string | Slot, target: string, options: BindOptions = {}): void {
    this.attach(this.openTree(source, options), target, { kind: options.kind ?? 'directory' });
  }

  /**
   * Puts a detached mount in its place. The target is resolved inside the rootfs and pinned;
   * move_mount(2) lands on that inode even while the path is being swapped for a link.
   */
  attach(mount: Slot, target: string, options: AttachOptions = {}): void {
    const { kind = 'directory', links = 'follow', hint } = options;
    const place = this.makePath(target, kind, links);
    const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    const note = `mount on ${target}`;
    this.inside.call('move_mount', [mount, '', place, '', flags], { note, ...(hint && { hint }) });
    this.inside.call('close', [place]);
    if (!options.keepOpen) this.inside.call('close', [mount]);
  }

  /**
   * Puts a detached mount on a directory of the host's tree, in the container's own mount namespace: a layer
   * of its file system, say.
   */
  place(mount: Slot, directory: string): void {
    const to = this.hostPath(directory);
    this.outside.call('move_mount', [mount, '', AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH], { note: `mount on ${to}` });
    this.outside.call('close', [mount]);
  }

  /** Opens (O_PATH) a directory inside the rootfs, which must be there; the slot must be closed. */
  findDirectory(path: string): Slot {
    return recordDirectory(this, path);
  }

  /** Opens (O_PATH) a path inside the rootfs, making what is missing of it; the slot must be closed. */
  makePath(target: string, kind: 'file' | 'directory', links: LinkPolicy = 'follow'): Slot {
    return recordTarget(this, target, kind, links);
  }

  /**
   * A proc of the container's own pid namespace, mounted nowhere yet: writes to /proc/sys go through
   * it, where no mount of an image or a container can be in the way.
   */
  procfs(): Slot {
    if (!this.shared.procfs) {
      const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
      this.shared.procfs = this.shared.procMountable
        ? this.fsopen('proc').set('source', 'proc').mount(attributes)
        : this.openTree('/proc');
      if (!this.shared.procMountable) {
        this.setAttributes(this.outside, this.shared.procfs, { set: attributes, recursive: true });
      }
    }
    return this.shared.procfs;
  }

  /** Writes a sysctl of the container's namespaces: `net/ipv4/ip_unprivileged_port_start`. */
  sysctl(path: string, value: string, options: OpOptions = {}): void {
    const done = this.outside.label();
    const tolerate = options.tolerate && 'errnos' in options.tolerate ? options.tolerate.errnos : options.tolerate;
    const file = this.outside.callTo('sysctl', 'openat', [this.procfs(), `sys/${path}`, O_WRONLY | O_CLOEXEC, 0], {
      note: `sysctl ${path}=${value}`,
      ...(tolerate && { tolerate: { errnos: tolerate as readonly string[], goto: done } }),
    });
    const bytes = Buffer.from(value);
    this.outside.call('write', [file, bytes, bytes.length], { note: `sysctl ${path}=${value}` });
    this.outside.call('close', [file]);
    this.outside.place(done);
  }
}
