import {
  type ChildProgram,
  type Gate,
  type Host,
  type Launch,
  refuseWholeMachine,
  type StorageDriver,
  type StoredContainer,
  type StoredTree,
  type Support,
  WORKS,
} from '../../core/plugin/index.js';
import { TreeCopier } from './tree-copier.js';

const HINT = 'the copy is gone: remove the container and run it again';

/** A private copy of the image: nothing is shared with other containers, and any file system will do. */
export class CopyDriver implements StorageDriver {
  readonly capabilities = { layers: true, unprivileged: true, clone: 'linear' } as const;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
  ) {}

  check(): Support {
    return WORKS;
  }

  validate(launch: Launch): void {
    refuseWholeMachine(launch, 'copy', true);
  }

  async prepare(launch: Launch): Promise<void> {
    const { rootfs } = await launch.directories('rootfs');
    launch.rootfs = rootfs;
    if (launch.again) return;
    await launch.step({
      action: 'copy',
      target: `${launch.image.reference} to ${rootfs}`,
      run: () => this.#copy(launch, rootfs),
      dry: () => undefined,
    });
  }

  recordKey(): string {
    return '';
  }

  record(child: ChildProgram, launch: Launch): void {
    child.rootfs(child.openTree(launch.rootfs as string, { recursive: false, hint: HINT }));
  }

  contents({ directory, image }: StoredContainer): StoredTree[] {
    const base = image.host ? ['/'] : image.layers;
    const marks = this.host.privileged ? 'trusted' : 'user';
    return [{ path: '/', base, current: [`${directory}/rootfs`], marks }];
  }

  async #copy(launch: Launch, target: string): Promise<void> {
    const copier = new TreeCopier(this.gate, this.host);
    const { root, runroot } = launch.paths;
    const layers = launch.image.host ? ['/'] : launch.image.layers;
    await copier.copy({ layers, target, leaveOut: [root, runroot] });
    for (const [namespace, count] of copier.lostXattrs) {
      launch.warn(`${count} extended attributes ${namespace}.* of ${launch.image.reference} were not copied`);
    }
  }
}
