import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { hasCode } from '../kernel/error.js';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { sendDescriptors } from '../kernel/socket.js';
import { deferred } from './deferred.js';

const POLLIN = 1;
const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const EAGAIN = 11;
const ECONNRESET = 104;
/** The kernel's sigset_t; signal n is bit n - 1. */
const WITHOUT_SIGCHLD = Buffer.from([0, 0, 1, 0, 0, 0, 0, 0]);

/**
 * The engine's end of the control socket. It is read by the event loop, or, for as long as the caller
 * has nothing else to do, by waiting for it: that saves a command line tool node:net, which takes
 * longer to load than a container to start.
 */
export class ControlChannel {
  readonly #barrier = deferred<boolean>();
  readonly #end = deferred<void>();
  readonly #byte = Buffer.alloc(1);
  #socket: Socket | undefined;
  #attended = false;
  #closed = false;

  /**
   * @param fd the channel closes it
   * @param patienceMs how long the thread may wait in one go before the event loop takes over
   * @param notice tells of what happens on it, at less cost than a stream; without it, it is a stream
   */
  constructor(
    readonly gate: Gate,
    readonly fd: number,
    readonly patienceMs: number,
    readonly notice?: ExitNotice,
  ) {}

  /** True when the child is at its barrier, false when it ended before. */
  async barrier(): Promise<boolean> {
    const read = this.#readNow();
    if (read !== undefined) return read;
    this.#listen();
    return this.#barrier.promise;
  }

  /** Resolves when the child has closed its end. */
  async end(): Promise<void> {
    // Bytes of barriers may come before the end of file.
    for (let read = this.#readNow(); read !== undefined; read = this.#readNow()) if (!read) return;
    this.#listen();
    await this.#end.promise;
  }

  /** Lets the child go on, and sends descriptors, one list per message. */
  go(messages: readonly (readonly number[])[]): void {
    try {
      this.gate.call('write', this.fd, Buffer.from('G'), 1);
      for (const fds of messages) sendDescriptors(this.gate, this.fd, fds);
    } catch (error) {
      // The child has failed at an op before it took them, and says so itself.
      if (!hasCode(error, 'EPIPE', 'ECONNRESET')) throw error;
    }
  }

  /** What there is to be read now. @returns whether its end was reached, or nobody reads any more */
  #look(): boolean {
    if (this.#closed) return true;
    for (;;) {
      const read = this.gate.attempt('recvfrom', this.fd, this.#byte, 1, MSG_DONTWAIT, null, null);
      if (read === 1) this.#barrier.resolve(true);
      else if (read === -EAGAIN) return false;
      else if (read === 0 || read === -ECONNRESET) break;
      else if (read !== -EINTR) {
        // Nothing that a socket says of itself: a stream may do better.
        this.#openStream();
        return true;
      }
    }
    this.#barrier.resolve(false);
    this.#end.resolve();
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#socket) this.#socket.destroy();
    else closeSync(this.fd);
  }

  /** One byte read, or false at end of file; undefined when patience was not enough. */
  #readNow(): boolean | undefined {
    if (this.#socket || this.patienceMs === 0) return undefined;
    if (!this.#readable()) return undefined;
    return this.gate.attempt('read', this.fd, Buffer.alloc(1), 1) === 1;
  }

  /**
   * ppoll(2), which a signal interrupts: then the event loop takes over, and its handlers run. All but
   * SIGCHLD: that is stage one, which ends on the way.
   */
  #readable(): boolean {
    const entry = Buffer.alloc(8);
    entry.writeInt32LE(this.fd, 0);
    entry.writeInt16LE(POLLIN, 4);
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(BigInt(Math.floor(this.patienceMs / 1000)), 0);
    timeout.writeBigInt64LE(BigInt((this.patienceMs % 1000) * 1_000_000), 8);
    return this.gate.attempt('ppoll', entry, 1, timeout, WITHOUT_SIGCHLD, WITHOUT_SIGCHLD.length) === 1;
  }

  #listen(): void {
    if (this.#socket || this.#attended) return;
    this.#attended = this.notice?.watchSocket(this.fd, () => this.#look()) ?? false;
    if (!this.#attended) this.#openStream();
  }

  #openStream(): void {
    if (this.#socket) return;
    const { Socket } = process.getBuiltinModule('node:net');
    this.#socket = new Socket({ fd: this.fd, readable: true, writable: true });
    this.#socket.on('data', () => this.#barrier.resolve(true));
    this.#socket.on('error', () => this.#socket?.destroy());
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#barrier.resolve(false);
      this.#end.resolve();
    });
  }
}
