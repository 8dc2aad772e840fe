import { errnoNumber } from '../kernel/errno.js';
import {
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  openHow,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFCHR,
  S_IFMT,
} from '../kernel/fcntl.js';
import { AT_EMPTY_PATH } from '../kernel/mount.js';
import { Memory, Pointer, Slot } from './memory.js';
import type { Recorder } from './recorder.js';

const F_SETFL = 4;
const STATX_TYPE = 1;
/** `struct statx`: mode, then major and minor number of a device node. */
const STATX = { size: 256, mode: 28, device: 128 } as const;
const NULL_DEVICE = 1n | (3n << 32n);
const HINT = "the container's /dev/null must be the null device: somebody in it has replaced it";

/**
 * Records that descriptors which are the host's /dev/null become the container's own: root of a container
 * could change mode and owner of the host's, through the descriptor.
 * @param root a descriptor of the rootfs
 */
export function recordNullDevice(inside: Recorder, root: Slot, fds: readonly number[]): void {
  if (fds.length === 0) return;
  const how = openHow(
    O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
  );
  const file = inside.callTo('null', 'openat2', [root, '/dev/null', how, how.length], { hint: HINT });
  const status = new Memory(STATX.size, 'statx');
  inside.call('statx', [file, '', AT_EMPTY_PATH, STATX_TYPE, status]);
  expectField(inside, status, STATX.mode, 2, BigInt(S_IFMT), BigInt(S_IFCHR));
  expectField(inside, status, STATX.device, 8, 0xffff_ffff_ffff_ffffn, NULL_DEVICE);
  inside.call('fcntl', [file, F_SETFL, O_RDWR]);
  for (const fd of fds) inside.call('dup3', [file, fd, 0], { note: "the container's own /dev/null" });
  inside.call('close', [file]);
}

function expectField(
  inside: Recorder,
  from: Memory,
  offset: number,
  length: number,
  mask: bigint,
  value: bigint,
): void {
  const field = new Slot('statx');
  inside.copy(new Pointer(field), from.at(offset), length);
  inside.expect(field, mask, value, errnoNumber('ENODEV'), { note: '/dev/null is the null device', hint: HINT });
}
