import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { JsonObject } from './launch.js';
import type { ResourceSpec } from './spec.js';
import type { StatePaths } from './tokens.js';

/** A container that runs, as a driver is told of it when something is done to it then. */
export interface Running {
  /** 64 hex digits. */
  readonly id: string;
  /** Its first process, as the host sees it. */
  readonly pid: number;
  /** Its limits as they are stored. */
  readonly resources: ResourceSpec;
  /** What the driver's plugin put into `launch.facts` when it was started. */
  readonly facts: JsonObject;
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: StatePaths;
}

/** How a further process gets into the cgroups of a container. */
export interface CgroupEntrance {
  /** A directory of the v2 hierarchy, which it is born into: clone3's CLONE_INTO_CGROUP. */
  readonly cgroup?: string;
  /** Files of v1 hierarchies (`tasks`), into which it writes "0". */
  readonly files: readonly string[];
}

/** One reading of what a container uses. What the kernel does not account is undefined. */
export interface ResourceSample {
  readonly cpu?: {
    /** Nanoseconds of CPU time that all its processes have used since it was started. */
    readonly usageNs: number;
    /** Periods in which it used up its quota (`--cpus`), and for how long it then had to wait. */
    readonly throttledPeriods: number;
    readonly throttledNs: number;
  };
  readonly memory?: {
    /** Bytes, without the part of the page cache that is dropped first (inactive_file). */
    readonly usage: number;
    /** Bytes; undefined: none. */
    readonly limit?: number;
  };
  readonly pids?: {
    /** Processes and threads. */
    readonly current: number;
    readonly limit?: number;
  };
  /** Bytes that went to and came from block devices. */
  readonly io?: { readonly read: number; readonly written: number };
}

/** What an update of limits came to. */
export interface ResourceUpdate {
  /** Replaces the facts of the driver's plugin. */
  readonly facts: JsonObject;
  /** What is not as asked, in words. */
  readonly warnings: readonly string[];
  /** Puts back what was, because what follows failed. */
  undo(): void;
}
