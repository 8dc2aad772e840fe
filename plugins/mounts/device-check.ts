import {
  AT_EMPTY_PATH,
  errnoNumber,
  Memory,
  type OpOptions,
  Pointer,
  type Recorder,
  S_IFCHR,
  S_IFMT,
  Slot,
} from '../../core/plugin/index.js';

/** struct statx of statx(2): its size, and the offsets of what is looked at. */
const STATX = { size: 256, mode: 28, major: 128, minor: 132 } as const;
const STATX_TYPE = 1;

/**
 * Fails unless an open descriptor is this character device: what has its name may be something else,
 * and a mask or a bind of it would then show what it should not (CVE-2025-31133).
 */
export function expectCharacterDevice(
  recorder: Recorder,
  node: Slot,
  device: { readonly name: string; readonly major: number; readonly minor: number },
  options: OpOptions = {},
): void {
  const { name, major, minor } = device;
  const statx = new Memory(STATX.size, 'statx');
  // One comparison: the mode in bits 0 to 15, minor from 16 on, major in the upper half.
  const found = new Slot(`${name}?`);
  recorder.call('statx', [node, '', AT_EMPTY_PATH, STATX_TYPE, statx], options);
  recorder.copy(new Pointer(found), statx.at(STATX.mode), 2);
  recorder.copy(new Pointer(found, 2), statx.at(STATX.minor), 2);
  recorder.copy(new Pointer(found, 4), statx.at(STATX.major), 4);
  const mask = BigInt(S_IFMT) | (0xffff_ffff_ffffn << 16n);
  const expected = BigInt(S_IFCHR) | (BigInt(minor) << 16n) | (BigInt(major) << 32n);
  recorder.expect(found, mask, expected, errnoNumber('ENODEV'), {
    ...options,
    note: `${name} is character device ${major}:${minor}`,
  });
}
