import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { AheadItem } from '../program/ahead.js';
import type { ResolvedImage } from './image.js';
import type { ChosenNetworks } from './networks.js';
import type { Spec } from './spec.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One thing that a plugin does on the host, in the engine's process. */
export interface Step<T> {
  /** A verb for the plan: `mkdir`, `write`, `netlink`, `lease`. */
  readonly action: string;
  /** What it acts on, for the plan. */
  readonly target: string;
  /**
   * How anyone can take it back: the name of an undo function of the same plugin, and its
   * arguments. It is written to the journal before `run` is called, so it must be harmless when
   * `run` did nothing or only half of it. A step without `undo` leaves nothing on the host.
   */
  readonly undo?: { readonly kind: string; readonly args: JsonObject };
  /** It belongs to the container rather than to its run: undone when the container is removed. */
  readonly keep?: boolean;
  /** Does it. */
  run(): T | Promise<T>;
  /** What `plan` answers instead of `run`: it must not change or take anything. */
  readonly dry?: () => T;
}

export type NamespaceName = 'uts' | 'ipc' | 'pid' | 'mount' | 'net' | 'user' | 'cgroup' | 'time';

/** One line of /proc/PID/uid_map: user_namespaces(7). */
export interface IdMapping {
  readonly inside: number;
  readonly outside: number;
  readonly size: number;
}

export interface IdMaps {
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
  /** `deny`: setgroups(2) fails in this namespace for good, so groups stay as they are: user_namespaces(7). */
  readonly setgroups?: 'deny';
  /**
   * The container's directories come to it through mounts that map owners: files keep on disk the ids
   * that they have inside. False: on disk they have the ids that these maps give.
   */
  readonly idmapped?: true;
}

/** The command with everything resolved, before the clone. */
export interface Command {
  readonly argv: readonly string[];
  /** `K=V`. Handlers of `preExec` and earlier may add to it; in an exec, those of `preExec`. */
  readonly env: string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** One run of the lifecycle for one container: what every hook and driver receives. */
export interface Launch {
  /** 64 hex digits. */
  readonly id: string;
  /** The first twelve. */
  readonly shortId: string;
  readonly name: string;
  /**
   * The container was made before, and starts again: what `prepareRootfs` made the first time is there,
   * with what the container wrote since.
   */
  readonly again: boolean;
  /** It outlives the engine: nobody of tsbox need be there when it ends, and there is no postStop. */
  readonly detached: boolean;
  /**
   * What only the container needs may be left to stage one (ops of `child.launcher`) or to {@link duringClone}: the
   * container ends with its engine, and no plugin from outside takes part that may look for it in the hooks before.
   */
  readonly mayDefer: boolean;
  /**
   * Set for `exec`: nothing is made; a further process enters the container, which runs. Of all hooks only
   * preExec runs, and what it records with `child.inside` is executed before the last clone, so that the
   * process that appears inside has no more rights than any other there. What belongs to a process and is
   * not inherited is recorded with `child.command`.
   */
  readonly entering: Entering | undefined;
  readonly spec: Spec;
  readonly image: ResolvedImage;
  readonly command: Command;
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: LaunchPaths;
  /** True while a plan is made: steps are listed, not run. */
  readonly planning: boolean;
  readonly hostname: string;
  /** Namespaces to create. Drivers and hooks add to it before the clone. */
  readonly namespaces: Set<NamespaceName>;
  /** Set by the userns driver when the container has a user namespace. */
  idMaps: IdMaps | undefined;
  /** A cgroup v2 directory that the container is born into: clone3's CLONE_INTO_CGROUP. */
  cgroup: string | undefined;
  /** Directory that the rootfs is mounted on, or is; set by the storage driver in `prepare`. */
  rootfs: string | undefined;
  /**
   * Directories that the rootfs is made of, outside the container's own one; the storage driver adds
   * them in `prepare`, and reaches them (and its own) in `record` through `child.hostPath`.
   */
  readonly trees: Set<string>;
  /** Directories that are mounted where the spec asks for volumes, by target; there from `prepareRootfs` on. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Addresses and names for the generated /etc/hosts and /etc/resolv.conf; set by the network driver. */
  readonly network: LaunchNetwork;
  /** What a driver wants shown and remembered, by plugin: addresses, cgroup paths. */
  readonly facts: Record<string, JsonObject>;
  /** The container's first process as the host sees it; throws before the clone, 0 in a plan. */
  readonly pid: number;
  /** Does one step: lists it, journals its undo, runs it, times it. */
  step<T>(step: Step<T>): Promise<T>;
  /** Directories of this container that are removed with it: `<root>/containers/<id>/<name>`; they may be there `again`. */
  directories<const Names extends readonly string[]>(...names: Names): Promise<{ [Name in Names[number]]: string }>;
  /**
   * In prepareRootfs and preClone: work of the engine that neither the clone nor another plugin's preparation waits
   * for, such as files that the child mounts. It is done while the child is being cloned, in this order, and before
   * postClone; where it fails, so does the launch. What changes the host goes through {@link step}, as everywhere.
   * In prepareRootfs it is done at once where plugins from outside take part, which may look for it: await the answer.
   */
  duringClone(work: () => void | Promise<void>): void | Promise<void>;
  /**
   * Where {@link mayDefer}: has that made beside the engine's thread, if it can be, before stage one is there, whose ops
   * look and make what is not. It belongs into the `run` of a {@link step}, which has journalled how it is taken back.
   * The first is a directory.
   */
  makeAhead(items: readonly AheadItem[]): void;
  /**
   * In postClone: gives a descriptor to the child, which takes it with `child.receive([name])`. The
   * engine closes it. The name must be unique among the plugins.
   */
  handOver(name: string, fd: number): void;
  /**
   * Tells the user about something that is not as asked: goes to stderr and into the record.
   * @param request what was asked for and is not had in full, as the command line calls it: `--blkio-weight`
   */
  warn(message: string, request?: string): void;
}

export interface Entering {
  /** It goes on when its engine ends. */
  readonly detached: boolean;
}

export interface LaunchPaths {
  /** What survives a reboot. */
  readonly root: string;
  /** What does not. */
  readonly runroot: string;
  /** `<root>/containers/<id>`. */
  readonly container: string;
}

export interface LaunchNetwork {
  /** The networks that were chosen. */
  readonly chosen: ChosenNetworks;
  /** The container's own address, for /etc/hosts. */
  address: string | undefined;
  /** Name servers that work from inside; undefined: the host's resolv.conf is good as it is. */
  nameservers: readonly string[] | undefined;
  /** The host as the container reaches it, for `--add-host name:host-gateway`. */
  gateway?: string;
  /** Work of the engine that waits until the driver has said the rest; undefined where that is before the clone. */
  awaiting?: (() => Promise<void>)[] | undefined;
}
