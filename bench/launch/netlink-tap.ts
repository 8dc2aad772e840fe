import type { SyscallArg } from '../../core/kernel/gate.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { SyscallName } from '../../core/kernel/syscalls.js';

const AF_NETLINK = 16;
/** `struct rtattr` of IFLA_NET_NS_PID, which a pid follows. */
const PID_ATTRIBUTE = Buffer.from([8, 0, 19, 0]);

/** A datagram as the engine sent it. */
export interface SentMessage {
  /** `p` before the clone, `a` while the child waits, `g` when the command has ended. */
  readonly phase: 'p' | 'a' | 'g';
  readonly protocol: number;
  readonly bytes: Buffer;
  /** Where the pid of the container is in it; -1 where it is not. */
  readonly pidOffset: number;
}

/**
 * Sees every netlink datagram that this process sends. It is made before the engine is, because sockets are kept,
 * and taken off before anything is measured.
 */
export class NetlinkTap {
  readonly #original = LibcGate.prototype.attempt;
  readonly #protocols = new Map<number, number>();
  readonly #sent: { readonly protocol: number; readonly bytes: Buffer }[] = [];

  constructor() {
    const tap = this;
    const { attempt } = LibcGate.prototype;
    LibcGate.prototype.attempt = function (this: LibcGate, name: SyscallName, ...args: SyscallArg[]): number {
      const result = attempt.call(this, name, ...args);
      tap.#see(name, args, result);
      return result;
    };
  }

  close(): void {
    LibcGate.prototype.attempt = this.#original;
  }

  /** What is sent while `start` starts a container and while `end` waits for its end. @throws Error when it is nothing */
  async record(start: () => Promise<number>, end: () => Promise<unknown>): Promise<SentMessage[]> {
    this.#sent.length = 0;
    const pid = await start();
    const started = this.#sent.length;
    await end();
    const offsets = this.#sent.map(({ bytes }) => pidOffset(bytes, pid));
    const attached = offsets.findIndex((offset) => offset >= 0);
    if (attached < 0 || attached >= started) throw new Error('no netlink message names the pid of the container');
    const phase = (index: number) => (index >= started ? 'g' : index >= attached ? 'a' : 'p');
    return this.#sent.map((message, index) => ({
      ...message,
      phase: phase(index),
      pidOffset: offsets[index] as number,
    }));
  }

  #see(name: SyscallName, args: readonly SyscallArg[], result: number): void {
    const [fd, bytes, length] = args;
    if (name === 'socket' && fd === AF_NETLINK && result >= 0) this.#protocols.set(result, Number(args[2]));
    if (name === 'close') this.#protocols.delete(Number(fd));
    const protocol = this.#protocols.get(Number(fd));
    if (name !== 'sendto' || protocol === undefined || !(bytes instanceof Uint8Array)) return;
    this.#sent.push({ protocol, bytes: Buffer.from(bytes.subarray(0, Number(length))) });
  }
}

function pidOffset(bytes: Buffer, pid: number): number {
  const value = Buffer.alloc(4);
  value.writeInt32LE(pid);
  const at = bytes.indexOf(Buffer.concat([PID_ATTRIBUTE, value]));
  return at < 0 ? at : at + PID_ATTRIBUTE.length;
}
