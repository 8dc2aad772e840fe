import type { WaitStatus } from '../kernel/gate.js';
import type { ChildProgram } from '../program/child-program.js';
import type { StoredContainer, StoredTree } from './contents.js';
import type { Driver } from './driver.js';
import type { ImageDriver } from './image-driver.js';
import type { Launch } from './launch.js';
import type { LogDriver } from './log-driver.js';
import type {
  ChosenNetworks,
  NetworkConnection,
  NetworkMember,
  NetworkObject,
  NetworkSettings,
  NetworkUse,
} from './networks.js';
import type { CgroupEntrance, ResourceSample, ResourceUpdate, Running } from './running.js';
import type { ResourceSpec } from './spec.js';
import type { StatePaths } from './tokens.js';

export type { Driver } from './driver.js';

export interface StorageDriver extends Driver {
  readonly capabilities: {
    /** Takes images of several layers as they are. */
    readonly layers: boolean;
    readonly unprivileged: boolean;
    /** How the cost of a container grows with its image. */
    readonly clone: 'constant-time' | 'linear';
    /** False: its mounts cannot be made in a user namespace, so root's containers cannot have one either. */
    readonly userNamespace?: false;
  };
  /** Makes the rootfs ready, or says how it will be mounted; sets `launch.rootfs`. */
  prepare(launch: Launch): Promise<void>;
  /** Records how the rootfs is mounted: ends in one `child.rootfs(mount)`. */
  record(child: ChildProgram, launch: Launch): void;
  /**
   * Where the files of a container are, and those that it began with: `diff`, `export` and `commit` read
   * them there, while it runs too. A driver without it has none of the three, and no sizes. Changes nothing.
   */
  contents?(container: StoredContainer): readonly StoredTree[];
}

export interface NetworkDriver extends Driver {
  readonly capabilities: {
    /** The container has a network namespace of its own. */
    readonly ownNamespace: boolean;
    readonly ports: boolean;
    /** `--ip`. */
    readonly address: boolean;
    readonly unprivileged: boolean;
    /** It works in the engine's process for as long as the container runs: one that outlives the engine is refused. */
    readonly attended?: true;
    /**
     * `attach` takes some time, and needs nothing of the child but its namespace: the child goes on meanwhile, and
     * waits only before what `record` records. Not where something else is done to the child in postClone.
     */
    readonly attachesLate?: true;
    /** It joins the network of a container: `--network DRIVER:CONTAINER`. */
    readonly joins?: true;
  };
  /** Leases what must be known before the clone. */
  prepare?(launch: Launch): Promise<void>;
  /**
   * Leases the rest, which `record` and `recordKey` see nothing of but {@link variables}: after `prepare`, or, where
   * the ops are known from an earlier launch and only what is built in takes part, when the child is on its way to
   * the ops of this driver, before `attach`. For drivers that attach late.
   */
  assign?(launch: Launch): Promise<void>;
  /** Bytes of the variables that `record` records, by name; asked after {@link assign}. */
  variables?(launch: Launch): Readonly<Record<string, Uint8Array>>;
  /** Records what is done inside the namespace. */
  record?(child: ChildProgram, launch: Launch): void;
  /** Connects the namespace; `launch.pid` is waiting. */
  attach?(launch: Launch): Promise<void>;
  /**
   * `network create`: checks what was asked for and completes it; nothing is made. A driver without it
   * has the one network of its own name.
   */
  designNetwork?(asked: NetworkSettings, others: readonly NetworkObject[]): NetworkSettings;
  /**
   * `network rm`: takes away what is left of it, and calls `forget` when nothing uses it, while nothing
   * can begin to. @throws TsboxError ERR_TSBOX_IN_USE
   */
  removeNetwork?(network: NetworkObject, paths: StatePaths, forget: () => void): Promise<void>;
  /** A network as it is now. */
  inspectNetwork?(network: NetworkObject, paths: StatePaths): Promise<NetworkUse>;
  /**
   * Connects a container that runs with this driver to a further network. What it takes is given back by
   * the undo functions of the launch. @param chosen as at a launch, with this one attachment
   */
  connect?(member: NetworkMember, chosen: ChosenNetworks, paths: StatePaths): Promise<NetworkConnection>;
  /** Takes {@link connect} back, or what the launch did for one network. What is not there is success. */
  disconnect?(member: NetworkMember, network: NetworkObject, paths: StatePaths): Promise<void>;
  /** The container has another name: other containers find it by that. */
  rename?(id: string, name: string, paths: StatePaths): Promise<void>;
}

export interface ResourceDriver extends Driver {
  /** Limits that it enforces; a request for another one is refused by the engine. */
  readonly capabilities: { readonly limits: readonly (keyof ResourceSpec)[] };
  /** Makes the cgroup with its limits. Sets `launch.cgroup` where the kernel can clone into it. */
  prepare?(launch: Launch): Promise<void>;
  /** Records how stage one enters the cgroup (block `launcher`). */
  record?(child: ChildProgram, launch: Launch): void;
  /** What the kernel did to it; asked before the cgroup is removed. */
  outcome?(launch: Launch, status: WaitStatus): ResourceOutcome;
  /**
   * The kernel's file that counts out-of-memory kills in a line `oom_kill N`: a monitor copies its text when the
   * container has ended. Undefined where memory is not accounted.
   */
  memoryEvents?(container: { readonly id: string }): string | undefined;
  /**
   * How `exec` gets a process into all that limits the container. A driver without it has containers that
   * nothing can be executed in.
   */
  entrance?(container: { readonly id: string }): CgroupEntrance;
  /** Stops every process, new ones too, until `thaw`. @throws TsboxError where one does not stop; all go on then */
  freeze?(container: Running): Promise<void>;
  /** Lets them go on; harmless where they do. */
  thaw?(container: Running): Promise<void>;
  isFrozen?(container: Running): boolean;
  /** Pids as the host sees them. */
  processes?(container: Running): number[];
  /** What it uses at this moment. */
  stats?(container: Running): ResourceSample;
  /**
   * Changes limits: `resources` are all of them, as they are to be; those of the container are as they were.
   * @throws TsboxError where one cannot be had; all are then as they were
   */
  update?(container: Running, resources: ResourceSpec): Promise<ResourceUpdate>;
  /** Kills every process, frozen ones too, and waits until they are gone. @throws TsboxError naming those that are not */
  killAll?(container: Running): Promise<void>;
}

export interface ResourceOutcome {
  readonly oomKilled: boolean;
  /** One sentence for stderr. */
  readonly explanation?: string;
  /** `tsbox explain ID` says more. */
  readonly diagnosis?: string;
}

export interface UsernsDriver extends Driver {
  /** Decides the maps (`launch.idMaps`) and adds the namespace; asked before all other drivers. */
  prepare?(launch: Launch): Promise<void>;
  record?(child: ChildProgram, launch: Launch): void;
  /** Writes the maps of `launch.pid`. */
  attach?(launch: Launch): Promise<void>;
}

/**
 * Adds to the sandbox, and replaces nothing of it: `--security`.
 *
 * What it records is executed as root of the container, before rights are dropped: what it installs must allow
 * what follows (setgroups, setresgid, setresuid, prctl, capset, keyctl, close_range, execve …). An exec gets the
 * same ops, before the process is inside: `record` is called again, with `launch.entering`.
 */
export interface SecurityDriver extends Driver {
  prepare?(launch: Launch): Promise<void>;
  /** Records in preExec, before the sandbox. */
  record(child: ChildProgram, launch: Launch): void;
}

export interface DriverTypes {
  storage: StorageDriver;
  network: NetworkDriver;
  resources: ResourceDriver;
  userns: UsernsDriver;
  security: SecurityDriver;
  image: ImageDriver;
  log: LogDriver;
}
