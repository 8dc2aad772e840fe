import type { WaitStatus } from '../kernel/gate.js';
import type { ChildProgram } from '../program/child-program.js';
import type { Launch } from './launch.js';
import type { ResourceSpec } from './spec.js';
import type { Support } from './support.js';

/**
 * The four kinds of driver. One of each kind is chosen per container; "none" is a driver too.
 *
 * Life of a driver in one launch, in this order. Methods that are optional here are optional.
 *
 * | method | when | may it change the host? |
 * |---|---|---|
 * | `check` | before anything, also for `info` | no |
 * | `validate` | before the first side effect: throw what cannot be done | no |
 * | `prepare` | hook prepareRootfs (storage) or preClone (others) | through `launch.step` only |
 * | `record` | hook childSetup: record ops | no: nothing is executed yet |
 * | `attach` | hook postClone, the child waits | through `launch.step` only |
 * | `outcome` | after the container's end | no |
 *
 * Undoing is not a method: steps are undone by the journal, newest first.
 */
export interface Driver {
  /** Can this host do it, and if not, why and what mends it. Cheap; no side effects. */
  check(): Support;
  /** Refuses a launch that this driver cannot do as asked. @throws TsboxError */
  validate?(launch: Launch): void;
  /** Gives up what it keeps between launches, on the host too; called once, when the engine closes. */
  dispose?(): void | Promise<void>;
}

export interface StorageDriver extends Driver {
  readonly capabilities: {
    /** Takes images of several layers as they are. */
    readonly layers: boolean;
    readonly unprivileged: boolean;
    /** How the cost of a container grows with its image. */
    readonly clone: 'constant-time' | 'linear';
  };
  /** Makes the rootfs ready, or says how it will be mounted; sets `launch.rootfs`. */
  prepare(launch: Launch): Promise<void>;
  /** Records how the rootfs is mounted: ends in one `child.rootfs(mount)`. */
  record(child: ChildProgram, launch: Launch): void;
}

export interface NetworkDriver extends Driver {
  readonly capabilities: {
    /** The container has a network namespace of its own. */
    readonly ownNamespace: boolean;
    readonly ports: boolean;
    /** `--ip`. */
    readonly address: boolean;
    readonly unprivileged: boolean;
  };
  /** Leases what must be known before the clone. */
  prepare?(launch: Launch): Promise<void>;
  /** Records what is done inside the namespace. */
  record?(child: ChildProgram, launch: Launch): void;
  /** Connects the namespace; `launch.pid` is waiting. */
  attach?(launch: Launch): Promise<void>;
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
}

export interface ResourceOutcome {
  readonly oomKilled: boolean;
  /** One sentence for stderr. */
  readonly explanation?: string;
}

export interface UsernsDriver extends Driver {
  /** Decides the maps (`launch.idMaps`) and adds the namespace; asked before all other drivers. */
  prepare?(launch: Launch): Promise<void>;
  record?(child: ChildProgram, launch: Launch): void;
  /** Writes the maps of `launch.pid`. */
  attach?(launch: Launch): Promise<void>;
}

export interface DriverTypes {
  storage: StorageDriver;
  network: NetworkDriver;
  resources: ResourceDriver;
  userns: UsernsDriver;
}
