import {
  deviceNumber,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  oNofollow,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../fcntl.js';
import type { Gate } from '../gate.js';
import type { Host } from '../host.js';
import { type FileStatus, StatusPage, statusAt } from '../statx.js';
import type { Attributes, Place } from './attributes.js';
import { BirthModes } from './birth-modes.js';
import { FileData } from './file-data.js';
import type { Name } from './names.js';

const O_NOATIME = 0x40000;
const PATH_MAX = 4096;

/** Where a file is, and where its copy goes. */
export interface Transfer {
  readonly layer: number;
  readonly from: Place;
  readonly to: Place;
  /** Of the copy, below the target: asked for where the file has further names. */
  readonly path: () => Name;
}

/** Copies what is not a directory. */
export class EntryCopier {
  readonly #data: FileData;
  readonly #modes: BirthModes;
  readonly #status = new StatusPage();
  readonly #readFlags: number;
  readonly #makeFlags: number;
  /** Where the first name of a file with several is in the copy, by layer, device and inode. */
  readonly #links = new Map<string, Name>();

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly attributes: Attributes,
    readonly target: number,
  ) {
    this.#data = new FileData(gate);
    this.#modes = new BirthModes(gate, attributes, target);
    const always = O_CLOEXEC | oNofollow(gate.arch);
    // Reading leaves no trace; only an owner may ask for that. O_NONBLOCK: it may have become a pipe by now.
    this.#readFlags = always | O_RDONLY | O_NONBLOCK | (host.privileged ? O_NOATIME : 0);
    this.#makeFlags = always | O_WRONLY | O_CREAT | O_EXCL;
  }

  /** To be called when the event loop may have turned. */
  resume(): void {
    this.#modes.refresh();
  }

  /** @returns a promise only where there is so much to copy that others have to have their turn */
  copyRegular(transfer: Transfer): Promise<void> | undefined {
    const { from, to } = transfer;
    const source = this.gate.call('openat', from.directory, from.name, this.#readFlags, 0);
    let copy = -1;
    let rest: Promise<void> | undefined;
    try {
      const status = this.#status;
      status.read(this.gate, source);
      if ((status.mode & S_IFMT) !== S_IFREG) throw new Error('it was replaced while it was copied');
      if (this.#link(transfer, status)) return undefined;
      const mode = this.#modes.of(status);
      copy = this.gate.call('openat', to.directory, to.name, this.#makeFlags, mode);
      const born = mode === (status.mode & 0o7777);
      if (this.#data.copyAtOnce(source, copy, status)) this.attributes.copyToFd(source, copy, status, born);
      else rest = this.#copyLarge(source, copy, born);
    } finally {
      if (!rest) this.#close(source, copy);
    }
    return rest;
  }

  /** Nothing else is copied meanwhile, so the status is still that of this file. */
  async #copyLarge(source: number, copy: number, born: boolean): Promise<void> {
    try {
      await this.#data.copy(source, copy, this.#status);
      this.attributes.copyToFd(source, copy, this.#status, born);
    } finally {
      this.#close(source, copy);
    }
  }

  #close(source: number, copy: number): void {
    this.gate.call('close', source);
    if (copy >= 0) this.gate.call('close', copy);
  }

  /** A link, a device, a pipe, a socket, or a file where the directory does not say what it is. */
  copyOther(transfer: Transfer): Promise<void> | undefined {
    const { from, to } = transfer;
    const status = statusAt(this.gate, from.directory, from.name);
    const format = status.mode & S_IFMT;
    if (format === S_IFREG) return this.copyRegular(transfer);
    if (this.#link(transfer, status)) return undefined;
    if (format === S_IFLNK) {
      this.gate.call('symlinkat', this.#readLink(from), to.directory, to.name);
    } else {
      const device = deviceNumber(status.rdevMajor, status.rdevMinor);
      this.gate.call('mknodat', to.directory, to.name, format | 0o600, device);
    }
    this.attributes.copyToPlace(from, to, status);
    return undefined;
  }

  /** True when the file is there under another name already, and now under this one. */
  #link({ layer, to, path }: Transfer, status: FileStatus): boolean {
    if (status.links < 2) return false;
    const key = `${layer}:${status.device}:${status.inode}`;
    const first = this.#links.get(key);
    if (first) this.gate.call('linkat', this.target, first, to.directory, to.name, 0);
    else this.#links.set(key, path());
    return first !== undefined;
  }

  #readLink({ directory, name }: Place): Buffer {
    const text = Buffer.alloc(PATH_MAX + 1);
    return text.subarray(0, this.gate.call('readlinkat', directory, name, text, PATH_MAX) + 1);
  }
}
