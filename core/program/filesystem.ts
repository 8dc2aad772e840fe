import {
  FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_FD,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
} from '../kernel/mount.js';
import type { Slot } from './memory.js';
import type { Recorder } from './recorder.js';

/**
 * A file system that is being configured in the child: fsopen(2), fsconfig(2), fsmount(2).
 * Options are separate calls, so nothing is escaped and nothing is too long together.
 */
export class FilesystemContext {
  readonly #context: Slot;

  constructor(
    readonly recorder: Recorder,
    readonly type: string,
    hint?: string,
  ) {
    this.#context = recorder.callTo(`fs:${type}`, 'fsopen', [type, FSOPEN_CLOEXEC], hint ? { hint } : {});
  }

  set(key: string, value: string, hint?: string): this {
    this.recorder.call('fsconfig', [this.#context, FSCONFIG_SET_STRING, key, value, 0], hint ? { hint } : {});
    return this;
  }

  flag(key: string): this {
    this.recorder.call('fsconfig', [this.#context, FSCONFIG_SET_FLAG, key, null, 0]);
    return this;
  }

  fd(key: string, fd: Slot): this {
    this.recorder.call('fsconfig', [this.#context, FSCONFIG_SET_FD, key, null, fd]);
    return this;
  }

  /** Makes it: a detached mount, nowhere in any tree until it is attached. `attributes`: MOUNT_ATTR_*. */
  mount(attributes: number, hint?: string): Slot {
    const options = hint ? { hint } : {};
    this.recorder.call('fsconfig', [this.#context, FSCONFIG_CMD_CREATE, null, null, 0], options);
    const mount = this.recorder.callTo(`mount:${this.type}`, 'fsmount', [this.#context, FSMOUNT_CLOEXEC, attributes]);
    this.recorder.call('close', [this.#context]);
    return mount;
  }
}
