import { closeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import type { AheadItem } from './ahead.js';
import type { Removal } from './removal.js';

/** As errands.c reads them: a message, and what is in it. */
const MESSAGE = 16_384;
const ITEMS = 64;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EINTR = 4;
const EAGAIN = 11;
/** What is small is gone long before. */
const PATIENCE_MS = 2000;

interface Order {
  readonly timer: NodeJS.Timeout;
  settle(gone: readonly boolean[]): void;
}

export interface ErrandsOptions {
  /** One of unix(7) with messages; closed with the errands. */
  readonly socket: number;
  /** Tells of answers; without one nobody can be asked. */
  readonly notice: ExitNotice | undefined;
  /** Ends who runs them: a disk hangs, or somebody stopped it. */
  end(): void;
}

/**
 * Has small things made and removed by the launcher that waits (launcher/errands.c), one after the other: that is beside
 * this thread, which has other things to attend to. It promises nothing: what is not there, or not gone, is done by
 * whoever asked for it.
 */
export class Errands {
  /** In the order of their messages, which is that of the answers. */
  readonly #orders: Order[] = [];
  readonly #answer = Buffer.alloc(ITEMS);
  #works: boolean;

  constructor(
    readonly gate: Gate,
    readonly options: ErrandsOptions,
  ) {
    this.#works = options.notice?.signals(options.socket) ?? false;
  }

  /** Makes all that in its order, soon, and does not say whether it could. The first is a directory. */
  make(items: readonly AheadItem[]): void {
    const message = Buffer.from(
      items.map((item) => ('lines' in item ? `w${item.path}\0${item.lines.join('\n')}\0` : `m${item.path}\0`)).join(''),
    );
    if (this.#works && isShort(message, items.length)) this.#send(message);
  }

  /** @returns for each whether it is gone; undefined where nobody can be asked */
  async remove(removals: readonly Removal[]): Promise<readonly boolean[] | undefined> {
    const message = Buffer.from(removals.map(({ kind, path }) => `${kind === 'tree' ? 't' : 'd'}${path}\0`).join(''));
    if (!this.#works || !isShort(message, removals.length)) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#giveUp(), PATIENCE_MS);
      const settle = (gone: readonly boolean[]) => {
        clearTimeout(timer);
        resolve(gone);
      };
      this.#orders.push({ timer, settle });
      // First of all: the answer's signal may come at once.
      if (this.#orders.length === 1) this.options.notice?.attend(() => this.#look());
      this.#send(message);
    });
  }

  /** Resolves when all that was asked for so far is done, or will never be. Nothing is removed: `/` is busy. */
  async settled(): Promise<void> {
    await this.remove([{ kind: 'directory', path: '/' }]);
  }

  /** The caller waits for the launcher's end, which finishes what it has. */
  close(): void {
    this.#forget();
    closeSync(this.options.socket);
  }

  #send(message: Buffer): void {
    const flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    const sent = this.gate.attempt('sendto', this.options.socket, message, message.length, flags, null, 0);
    if (sent < 0) this.#giveUp();
  }

  /** Whoever does not answer must not do later what is then taken back already. */
  #giveUp(): void {
    if (this.#works) this.options.end();
    this.#forget();
  }

  #forget(): void {
    this.#works = false;
    for (const { settle } of this.#orders.splice(0)) settle([]);
  }

  /** @returns whether there is nothing more to wait for */
  #look(): boolean {
    while (this.#works && this.#orders.length > 0) {
      const { socket } = this.options;
      const read = this.gate.attempt('recvfrom', socket, this.#answer, ITEMS, MSG_DONTWAIT, null, null);
      if (read === -EINTR) continue;
      if (read === -EAGAIN) return false;
      // The launcher has ended.
      if (read <= 0) this.#forget();
      else this.#orders.shift()?.settle([...this.#answer.subarray(0, read)].map((errno) => errno === 0));
    }
    return true;
  }
}

function isShort(message: Buffer, items: number): boolean {
  return message.length <= MESSAGE && items <= ITEMS;
}
