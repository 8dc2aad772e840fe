import {
  type ChildProgram,
  type Host,
  type Launch,
  OverlayRootfs,
  type OverlayRootfsOptions,
  overlaySupport,
  type StatePaths,
  type StorageDriver,
  type StoredContainer,
  type StoredTree,
  type Support,
  storeSupport,
  TsboxError,
} from '../../core/plugin/index.js';

/** The image's layers, read-only and shared, below a writable directory of the container's own. */
export class OverlayDriver implements StorageDriver {
  readonly capabilities = { layers: true, unprivileged: true, clone: 'constant-time' } as const;
  readonly #rootfs: OverlayRootfs;

  constructor(
    readonly host: Host,
    readonly paths: StatePaths,
    options: OverlayRootfsOptions = {},
  ) {
    this.#rootfs = new OverlayRootfs(host, options);
  }

  check(): Support {
    return overlaySupport(this.host, this.paths.root);
  }

  validate(launch: Launch): void {
    const store = storeSupport(launch.paths.container);
    if (!store.works) {
      throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
        what: 'cannot use storage overlay',
        why: store.reason,
        fix: store.fix,
        diagnosis: store.diagnosis,
      });
    }
    this.#rootfs.validate(launch);
  }

  prepare(launch: Launch): Promise<void> {
    return this.#rootfs.prepare(launch);
  }

  recordKey(launch: Launch): string {
    return this.#rootfs.recordKey(launch);
  }

  record(child: ChildProgram, launch: Launch): void {
    this.#rootfs.record(child, launch);
  }

  contents(container: StoredContainer): StoredTree[] {
    return this.#rootfs.contents(container);
  }
}
