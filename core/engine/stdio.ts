import { closeSync, fchownSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { F_GETFL, F_SETFL, O_NONBLOCK } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { pipe, receiveDescriptor, socketPair } from '../kernel/socket.js';
import { outsideId } from '../plugin/id-maps.js';
import type { ChildStdio } from './child-stdio.js';
import type { LaunchState } from './launch-state.js';
import { openPtyStream } from './pty-stream.js';

/** What a standard stream of the command is: the caller's own, /dev/null, a pipe, or a descriptor. */
export type StdioOption = 'inherit' | 'ignore' | 'pipe' | number;
export type StdioOptions = StdioOption | readonly [StdioOption, StdioOption, StdioOption];

/** Whom the pipes belong to: the command's user, in the host's ids. */
export interface PipeOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Only root can give a pipe away; everybody else's container runs as its caller. */
export function pipeOwner({ host, command, idMaps }: LaunchState): PipeOwner | undefined {
  const uid = outsideId(command.uid, idMaps?.uids);
  const gid = outsideId(command.gid, idMaps?.gids);
  if (!host.privileged || uid === undefined || gid === undefined || (uid === 0 && gid === 0)) return undefined;
  return { uid, gid };
}

const TIOCSWINSZ = 0x5414;

/** The streams of one container. With a terminal there is one duplex stream, and no stderr. */
export class ContainerStdio implements ChildStdio {
  /** What the child gets as 0, 1 and 2. */
  readonly childFds: [number, number, number];
  readonly extra: readonly number[];
  stdin: NodeJS.WritableStream | undefined;
  stdout: NodeJS.ReadableStream | undefined;
  stderr: NodeJS.ReadableStream | undefined;
  readonly #gate: Gate;
  readonly #owner: PipeOwner | undefined;
  readonly #toClose: number[] = [];
  #null: number | undefined;
  #ourTtySocket: number | undefined;
  #master: number | undefined;

  constructor(gate: Gate, options: StdioOptions, tty: boolean, owner?: PipeOwner) {
    this.#gate = gate;
    this.#owner = owner;
    this.extra = tty ? [this.#openTtySocket()] : [];
    const wanted = tty
      ? (['ignore', 'ignore', 'ignore'] as const)
      : Array.isArray(options)
        ? options
        : [options, options, options];
    try {
      this.childFds = [0, 1, 2].map((fd) => this.#prepare(fd, wanted[fd] as StdioOption)) as [number, number, number];
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** The child has been started: its ends are closed here, so that end of file can come. */
  started(): void {
    for (const fd of this.#toClose.splice(0)) closeSync(fd);
  }

  /** The command runs: with a terminal, its pty has been sent. */
  takeTerminal(): void {
    if (this.#ourTtySocket === undefined) return;
    this.#master = receiveDescriptor(this.#gate, this.#ourTtySocket);
    if (this.#master === undefined) throw new Error('the container sent no terminal');
    const stream = openPtyStream(this.#master);
    this.stdin = stream as unknown as NodeJS.WritableStream;
    this.stdout = stream;
  }

  /** Sets the size of the terminal, in characters; the foreground program gets SIGWINCH. */
  resize(columns: number, rows: number): void {
    if (this.#master === undefined) return;
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    this.#gate.call('ioctl', this.#master, TIOCSWINSZ, size);
  }

  /** Closes what is left after the end; output that was not read yet stays readable. */
  close(): void {
    this.started();
    if (this.#master === undefined) (this.stdin as Socket | undefined)?.destroy();
    if (this.#ourTtySocket !== undefined) closeSync(this.#ourTtySocket);
    this.#ourTtySocket = undefined;
  }

  /** Ends streams that nobody will write to any more: the launch failed. */
  destroy(): void {
    this.close();
    for (const stream of [this.stdin, this.stdout, this.stderr]) (stream as Socket | undefined)?.destroy();
  }

  /** @returns the end over which the child sends the master of its pty */
  #openTtySocket(): number {
    const [ours, theirs] = socketPair(this.#gate);
    this.#ourTtySocket = ours;
    this.#toClose.push(theirs);
    return theirs;
  }

  #prepare(fd: number, option: StdioOption): number {
    if (typeof option === 'number') return option;
    if (option === 'inherit') return this.#blocking(fd);
    if (option === 'ignore') return this.#nothing();
    const [read, write] = pipe(this.#gate);
    const theirs = this.#closedLater(fd === 0 ? read : write);
    if (fd === 0) this.stdin = this.#socket(write, { writable: true, readable: false });
    else this[fd === 1 ? 'stdout' : 'stderr'] = this.#socket(read, { readable: true, writable: false });
    // A command that opens /dev/stdout opens the pipe anew, and needs the right to.
    if (this.#owner) fchownSync(theirs, this.#owner.uid, this.#owner.gid);
    return theirs;
  }

  /** One for all three. */
  #nothing(): number {
    this.#null ??= this.#closedLater(openSync('/dev/null', 'r+'));
    return this.#null;
  }

  #socket(fd: number, direction: { readable: boolean; writable: boolean }): Socket {
    // Loaded when it is needed: a command that gets the caller's own stdio needs no sockets.
    const { Socket } = process.getBuiltinModule('node:net');
    const socket = new Socket({ fd, ...direction });
    // A command that does not read its input is no error of the caller's.
    if (direction.writable) socket.on('error', () => socket.destroy());
    return socket;
  }

  /**
   * Node makes a pipe non-blocking when somebody looks at `process.stdout`, and whoever else has the pipe shares
   * that: a command would lose what it writes faster than it is read. Node does the same for its own children.
   */
  #blocking(fd: number): number {
    const flags = this.#gate.attempt('fcntl', fd, F_GETFL, 0);
    if (flags >= 0 && flags & O_NONBLOCK) this.#gate.attempt('fcntl', fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
  }

  #closedLater(fd: number): number {
    this.#toClose.push(fd);
    return fd;
  }
}
