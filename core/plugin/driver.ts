import type { Launch } from './launch.js';
import type { Precondition, Support } from './support.js';

/**
 * The kinds of driver. One of each kind is chosen per container; "none" is a driver too. Of the kinds image and
 * log there is one only where the image's reference, or `--log-driver`, names it.
 *
 * Life of a driver in one launch, in this order. Methods that are optional here are optional.
 *
 * | method | when | may it change the host? |
 * |---|---|---|
 * | `check` | before anything, also for `info` | no |
 * | `validate` | before the first side effect: throw what cannot be done | no |
 * | `prepare` | hook prepareRootfs (storage) or preClone (others) | through `launch.step` only |
 * | `record` | hook childSetup (security: preExec): record ops | no: nothing is executed yet |
 * | `attach` | hook postClone, the child waits | through `launch.step` only |
 * | `outcome` | after the container's end | no |
 *
 * Methods that take a `Running` are called any time while the container runs, by any process, not only by the
 * one that started it. Those that change something are called one at a time for a container, and what they
 * change ends with it.
 *
 * Undoing is not a method: steps are undone by the journal, newest first.
 */
export interface Driver {
  /** Can this host do it, and if not, why and what mends it. Cheap; no side effects. */
  check(): Support;
  /** All that it needs of the host, one by one, for `tsbox doctor`. Changes nothing; may be slower than `check`. */
  preconditions?(): readonly Precondition[];
  /** Refuses a launch that this driver cannot do as asked. @throws TsboxError */
  validate?(launch: Launch): void;
  /**
   * What `record` depends on besides the launch's spec (but for the name), layers, command, hostname, namespaces, id
   * maps, cgroup and rootfs, and its id, of which the ops may have the whole or the first twelve digits: where the
   * text is the same, so are the ops, and an engine takes the program that it has kept. Asked after `prepare`.
   * Without it, or where it is undefined, the driver records at every launch.
   */
  recordKey?(launch: Launch): string | undefined;
  /** Gives up what it keeps between launches, on the host too; called once, when the engine closes. */
  dispose?(): void | Promise<void>;
}
