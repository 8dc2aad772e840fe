import { closeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { openInRoot } from '../image/open-in-root.js';
import { O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_PATH, O_RDWR, S_IFCHR, S_IFMT } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD, DEVPTS_SUPER_MAGIC } from '../kernel/mount.js';
import { statusOf } from '../kernel/statx.js';
import { TIOCGPTPEER, TIOCSPTLCK, TIOCSWINSZ } from '../kernel/tty.js';
import { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import { openPtyStream } from './pty-stream.js';

const PTMX = { path: '/dev/pts/ptmx', major: 5, minor: 2 } as const;
const STATFS_SIZE = 120;
const REPLACED = `the container's ${PTMX.path} is no master of a devpts: somebody in it has put something else there`;

/**
 * A pseudo terminal of a running container's own devpts, for a further command in it. The engine opens it,
 * from outside; what is there under the name is looked at before anything is opened, and the command's side
 * is opened by the master (TIOCGPTPEER), not by a path.
 */
export class ExecTerminal {
  readonly childFds: readonly [number, number, number];
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr = undefined;
  readonly #gate: Gate;
  readonly #master: number;
  readonly #peer: number;
  readonly #stream: ReadStream;
  #started = false;

  /**
   * @param root the container's root directory
   * @param owner uid of the command in our ids; undefined: it cannot be given to it from here
   * @throws TsboxError where the container has no devpts of its own any more
   */
  constructor(gate: Gate, root: number, owner: number | undefined, size: Spec['terminalSize']) {
    this.#gate = gate;
    this.#master = openMaster(gate, root);
    try {
      gate.call('ioctl', this.#master, TIOCSPTLCK, Buffer.alloc(4));
      if (size) this.resize(size.columns, size.rows);
      this.#peer = gate.call('ioctl', this.#master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    } catch (error) {
      closeSync(this.#master);
      throw error;
    }
    this.childFds = [this.#peer, this.#peer, this.#peer];
    this.#stream = openPtyStream(this.#master);
    this.stdin = this.#stream as unknown as NodeJS.WritableStream;
    this.stdout = this.#stream;
    if (owner !== undefined) gate.call('fchown', this.#peer, owner, -1);
  }

  /** The command has its side. */
  started(): void {
    if (!this.#started) closeSync(this.#peer);
    this.#started = true;
  }

  /** Sets the size, in characters; the foreground program gets SIGWINCH. */
  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    this.#gate.call('ioctl', this.#master, TIOCSWINSZ, size);
  }

  /** Output that was not read yet stays readable; the stream ends when nobody has the terminal any more. */
  close(): void {
    this.started();
  }

  destroy(): void {
    this.started();
    this.#stream.destroy();
  }
}

function openMaster(gate: Gate, root: number): number {
  try {
    return openPtmx(gate, root);
  } catch (error) {
    throw error instanceof TsboxError ? error : noTerminal((error as Error).message, error);
  }
}

function openPtmx(gate: Gate, root: number): number {
  const pinned = openInRoot(gate, root, PTMX.path, O_PATH);
  try {
    const { mode, rdevMajor, rdevMinor } = statusOf(gate, pinned);
    const isPtmx = (mode & S_IFMT) === S_IFCHR && rdevMajor === PTMX.major && rdevMinor === PTMX.minor;
    if (!isPtmx || filesystemOf(gate, pinned) !== DEVPTS_SUPER_MAGIC) throw noTerminal(REPLACED);
    return gate.call('openat', AT_FDCWD, `/proc/self/fd/${pinned}`, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0);
  } finally {
    closeSync(pinned);
  }
}

/** fstatfs(2): `f_type`. */
function filesystemOf(gate: Gate, fd: number): bigint {
  const bytes = Buffer.alloc(STATFS_SIZE);
  gate.call('fstatfs', fd, bytes);
  return bytes.readBigUInt64LE(0);
}

function noTerminal(why: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_OP_FAILED', {
    what: 'cannot give the command a terminal',
    why,
    fix: 'leave out -t',
    cause,
  });
}
