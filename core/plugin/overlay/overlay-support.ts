import { type Host, kernelAtLeast } from '../../kernel/host.js';
import { type Support, unsupported, WORKS } from '../support.js';
import { fileSystemOf, kernelHasFileSystem } from '../surroundings.js';

/**
 * File systems whose directories overlay refuses as upper ones (EINVAL): those that revalidate names,
 * because somebody else may change them, and those that stack or fold case (fs/overlayfs/params.c).
 */
const REFUSED_UPPER = new Map<number, string>([
  [0x794c7630, 'overlay'],
  [0x6969, 'NFS'],
  [0x65735546, 'FUSE'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
  [0xf15f, 'eCryptfs'],
]);

/**
 * Whether overlay can work: the kernel has it, this caller may use it, and the store can hold it.
 * @param store undefined: the upper directories are elsewhere
 */
export function overlaySupport(host: Host, store?: string): Support {
  if (!kernelHasFileSystem('overlay')) {
    return unsupported(
      'the kernel has no overlay file system',
      'modprobe overlay, or use --storage=copy',
      'overlay-not-in-kernel',
    );
  }
  if (!host.privileged && !kernelAtLeast(host, 5, 11)) {
    return unsupported(
      `overlay in a user namespace came with Linux 5.11, and this is ${host.kernel.join('.')}`,
      'run tsbox as root, or use --storage=copy',
      'kernel-too-old',
    );
  }
  return store === undefined ? WORKS : storeSupport(store);
}

/** Whether a directory (or, as long as it is not there, its nearest ancestor) can hold upper directories. */
export function storeSupport(store: string): Support {
  const kind = REFUSED_UPPER.get(fileSystemOf(store));
  if (kind === undefined) return WORKS;
  return unsupported(
    `${store} is on ${kind}, which cannot hold an overlay's upper directory`,
    'choose a place on another file system with --root, or use --storage=copy',
    kind === 'overlay' ? 'overlay-on-overlay' : 'store-file-system',
  );
}
