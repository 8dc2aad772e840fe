import { closeSync, existsSync, openSync, read, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { opFailed } from '../engine/failure.js';
import type { Engine } from '../engine/index.js';
import type { WaitStatus } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import {
  AT_FDCWD,
  AT_RECURSIVE,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_SIZE,
  MOVE_MOUNT_F_EMPTY_PATH,
  MS_PRIVATE,
} from '../kernel/mount.js';
import { CLONE_ARGS, CLONE_NEWNS, CLONE_NEWUSER, CLONE_PARENT } from '../kernel/sched.js';
import { pipe } from '../kernel/socket.js';
import type { StorageDriver, UsernsDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import { ChildProgram, type SharedChild } from '../program/child-program.js';
import { encode } from '../program/encode.js';
import * as images from '../program/launcher/images.js';
import { SpawnedLauncher } from '../program/launchers.js';
import { CONTROL_FD, FIRST_EXTRA_FD, PROGRAM_FD } from '../program/layout.js';
import { Memory, Pointer } from '../program/memory.js';
import { Program } from '../program/program.js';
import { ProgramSession } from '../program/session.js';
import type { ContainerState } from '../state/containers.js';
import type { ContainerDetails } from '../state/record.js';
import { volumeData } from '../volumes/volume.js';
import { HolderLaunch } from './holder-launch.js';

const AUTHOR = { plugin: 'engine', hook: 'childSetup' };
const READY_FD = FIRST_EXTRA_FD;
const SIGKILL = 9;
const readFile = promisify(read);

/**
 * A process that does nothing but hold the file system of a container that does not run, with its volumes and
 * binds, in a mount namespace of its own: `/proc/PID/root`. It ends when it is closed, and with this process.
 */
export class Holder {
  readonly #session: ProgramSession;
  readonly #engine: Engine;

  private constructor(engine: Engine, session: ProgramSession) {
    this.#engine = engine;
    this.#session = session;
  }

  get pid(): number {
    return this.#session.state().child;
  }

  /** The caller has the container's lock, and knows that it does not run. @throws TsboxError */
  static async start(engine: Engine, container: ContainerState, details: ContainerDetails): Promise<Holder> {
    const { gate, host } = engine;
    const launch = new HolderLaunch(engine, container, details);
    const { storage, userns } = details.drivers;
    const mapping = host.privileged ? undefined : await engine.driver('userns', userns.name);
    const program = await recordHolder(launch, await engine.driver('storage', storage.name), mapping, container);
    const encoded = encode(program, gate.arch);
    const launcher = createSealedExecutable(gate, 'tsbox-launcher', Buffer.from(images[gate.arch], 'base64'));
    const nothing = openSync('/dev/null', 'r+');
    const [ready, theirs] = pipe(gate);
    let session: ProgramSession;
    try {
      session = new ProgramSession({
        gate,
        launchers: new SpawnedLauncher(gate, launcher),
        program: encoded,
        stdio: [nothing, nothing, nothing],
        extra: [theirs],
      });
    } catch (error) {
      closeSync(ready);
      throw error;
    } finally {
      for (const fd of [launcher, nothing, theirs]) closeSync(fd);
    }
    const holder = new Holder(engine, session);
    try {
      if (mapping) await holder.#map(launch, mapping);
      await holder.#untilReady(ready);
      return holder;
    } catch (error) {
      holder.close();
      throw error;
    } finally {
      closeSync(ready);
    }
  }

  /** Ends the process, and with it its mounts. */
  close(): void {
    const { gate } = this.#engine;
    this.#session.reapStageOne();
    const { pid } = this;
    this.#session.close();
    if (pid <= 0) return;
    gate.attempt('kill', pid, SIGKILL);
    gate.wait({ pid }, true) satisfies WaitStatus | undefined;
  }

  async #map(launch: HolderLaunch, userns: UsernsDriver): Promise<void> {
    if (!(await this.#session.atBarrier())) throw this.#failure();
    launch.pid = this.pid;
    launch.planning = false;
    await userns.attach?.(launch);
    this.#session.go();
  }

  /** It writes one byte when everything is mounted; end of file means that something was not. */
  async #untilReady(ready: number): Promise<void> {
    const { bytesRead } = await readFile(ready, Buffer.alloc(1), 0, 1, null);
    if (bytesRead !== 1) throw this.#failure();
    this.#session.reapStageOne();
  }

  #failure(): TsboxError {
    this.#session.reapStageOne();
    const { failed, errno } = this.#session.state();
    if (failed) return opFailed(failed, errno, "mount the container's file system");
    const why = 'the process that was to hold it has died';
    return new TsboxError('ERR_TSBOX_OP_FAILED', { what: "cannot mount the container's file system", why });
  }
}

async function recordHolder(
  launch: HolderLaunch,
  storage: StorageDriver,
  userns: UsernsDriver | undefined,
  container: ContainerState,
): Promise<Program> {
  const program = new Program();
  const shared: SharedChild = { program, arch: launch.gate.arch, procMountable: false };
  const child = new ChildProgram(shared, AUTHOR);
  child.launcher.call('close_range', [READY_FD + 1, 0xffff_ffff, 0], { note: 'nothing inherited' });
  await userns?.prepare?.(launch);
  await storage.prepare(launch);
  const flags = CLONE_PARENT | CLONE_NEWNS | (userns && launch.namespaces.has('user') ? CLONE_NEWUSER : 0n);
  const cloneArgs = new Memory(CLONE_ARGS.size, 'clone_args').u64(CLONE_ARGS.flags, flags);
  child.launcher.special('clone', 'clone3', [cloneArgs, CLONE_ARGS.size]);
  if (userns) child.outside.barrier(CONTROL_FD, { note: 'wait for the maps' });
  child.outside.call('close', [PROGRAM_FD]);
  const isPrivate = new Memory(MOUNT_ATTR_SIZE, 'private').u64(16, BigInt(MS_PRIVATE));
  child.outside.call('mount_setattr', [AT_FDCWD, '/', AT_RECURSIVE, isPrivate, MOUNT_ATTR_SIZE]);
  userns?.record?.(child, launch);
  storage.record(child, launch);
  recordEnter(child, launch);
  if (launch.spec.readOnly) child.setAttributes(child.inside, child.root, { set: MOUNT_ATTR_RDONLY, recursive: true });
  recordVolumes(child, launch, container);
  const ready = Memory.of(Buffer.from('R'), 'byte');
  child.inside.call('fchdir', [child.root]);
  child.inside.call('chroot', ['.'], { note: 'where it is found' });
  child.inside.call('write', [READY_FD, ready, 1], { note: 'everything is mounted' });
  child.inside.call('close', [READY_FD]);
  child.inside.barrier(CONTROL_FD, { note: 'hold it' });
  child.inside.special('fail', 'fail', [0]);
  return program;
}

/** The namespace is this process's alone: the host's tree may stay below it. */
function recordEnter(child: ChildProgram, launch: HolderLaunch): void {
  const root = child.shared.rootMount;
  if (!root || launch.rootfs === undefined) throw new Error('the storage driver recorded no rootfs');
  child.enter.call('move_mount', [root, '', AT_FDCWD, child.hostPath(launch.rootfs), MOVE_MOUNT_F_EMPTY_PATH]);
  child.enter.copy(new Pointer(child.root), new Pointer(root), 8);
}

/** Parents before what lies in them. A source that is gone is left out, as its target is then. */
function recordVolumes(child: ChildProgram, launch: HolderLaunch, { record }: ContainerState): void {
  // Their files belong to ids of the host, which this process is not mapped to: they are for reading.
  const mapped = launch.host.privileged && launch.idMaps !== undefined;
  const mounts = launch.spec.mounts.toSorted((a, b) => a.target.split('/').length - b.target.split('/').length);
  for (const mount of mounts) {
    if (mount.type === 'tmpfs') continue;
    const name = record.mounts.find(({ target }) => target === mount.target)?.source;
    const source = mount.type === 'bind' ? mount.source : name && volumeData(launch.paths.root, name);
    if (!source || !existsSync(source)) continue;
    const recursive = mount.type === 'volume' || mount.recursive;
    const kind = statSync(source).isDirectory() ? 'directory' : 'file';
    child.bind(source, mount.target, { readOnly: mount.readOnly || mapped, recursive, kind });
  }
}
