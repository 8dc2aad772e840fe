import { errnoNumber } from '../kernel/errno.js';
import { CONTROL_FD } from './layout.js';
import { Memory, Pointer, Slot } from './memory.js';
import type { Recorder } from './recorder.js';

const MSG_CMSG_CLOEXEC = 0x4000_0000;
const SOL_SOCKET_SCM_RIGHTS = 0x1_0000_0001n;
const CMSG_HEADER = 16;
const ALL = 0xffff_ffff_ffff_ffffn;

/** Descriptors in one message: below SCM_MAX_FD (253), and few enough for a low limit of open files. */
export const DESCRIPTORS_PER_MESSAGE = 64;

/**
 * Records that the child takes descriptors which the engine sends after the barrier (unix(7),
 * SCM_RIGHTS). One message; end of file means that the engine died.
 */
export function recordReceive(recorder: Recorder, names: readonly string[]): Slot[] {
  const length = CMSG_HEADER + names.length * 4;
  const control = new Memory(Math.ceil(length / 8) * 8, 'descriptors');
  const vector = new Memory(16, 'iovec').pointer(0, new Memory(8, 'byte')).u64(8, 1n);
  const header = new Memory(56, 'msghdr').pointer(16, vector).u64(24, 1n).pointer(32, control);
  header.u64(40, BigInt(control.bytes.length));
  const note = `take ${names.join(' ')}`;
  recorder.call('recvmsg', [CONTROL_FD, header, MSG_CMSG_CLOEXEC], {
    note,
    hint: 'raise the limit of open files: ulimit -n',
  });
  expectField(recorder, control, 0, BigInt(length));
  expectField(recorder, control, 8, SOL_SOCKET_SCM_RIGHTS);
  return names.map((name, index) => {
    const slot = new Slot(`received:${name}`);
    recorder.copy(new Pointer(slot), control.at(CMSG_HEADER + index * 4), 4);
    return slot;
  });
}

/** Records that the child sends a descriptor over a unix socket: one message of one byte, which the engine takes. */
export function recordSend(recorder: Recorder, socket: number | Slot, fd: Slot, note: string): void {
  const length = CMSG_HEADER + 4;
  const control = new Memory(Math.ceil(length / 8) * 8, 'cmsg').u64(0, BigInt(length)).u64(8, SOL_SOCKET_SCM_RIGHTS);
  const vector = new Memory(16, 'iovec').pointer(0, new Memory(1, 'byte')).u64(8, 1n);
  const header = new Memory(56, 'msghdr').pointer(16, vector).u64(24, 1n).pointer(32, control);
  header.u64(40, BigInt(control.bytes.length));
  recorder.copy(control.at(CMSG_HEADER), new Pointer(fd), 4);
  recorder.call('sendmsg', [socket, header, 0], { note });
}

/** A full table of open files cuts the message short instead of failing: unix(7). */
function expectField(recorder: Recorder, control: Memory, offset: number, value: bigint): void {
  const field = new Slot('cmsg');
  recorder.copy(new Pointer(field), control.at(offset), 8);
  recorder.expect(field, ALL, value, errnoNumber('EMFILE'), { note: 'all descriptors arrived' });
}
