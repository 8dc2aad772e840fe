import { hasCode } from '../../error.js';
import type { Gate } from '../../gate.js';
import type { NetlinkMessage } from '../message.js';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink-socket.js';
import { batch, NFPROTO_UNSPEC, question } from './message.js';
import { decodeElements, dumpElements, type SetElement } from './set.js';
import { type ChainInfo, decodeChain, decodeTableName, dumpChains, dumpRules, dumpTables, getTable } from './table.js';

/** A commit that met another one, or its memory being freed, is simply made again. */
const ATTEMPTS = 10;
const AGAIN = ['ERESTART', 'EBUSY', 'EAGAIN', 'EINTR'];

/** nf_tables of this network namespace. Every method may throw NetlinkError. */
export class NfTables {
  readonly #socket: NetlinkSocket;

  constructor(gate: Gate) {
    this.#socket = new NetlinkSocket(gate, NETLINK_NETFILTER);
  }

  /** Makes all changes, or none. */
  commit(changes: readonly NetlinkMessage[]): void {
    if (changes.length === 0) return;
    this.#again(() => this.#socket.transact(batch(changes)));
  }

  /** Whether the kernel has nf_tables and lets us use it. @throws what it says otherwise */
  probe(): void {
    this.#socket.request(question('GETGEN', 'generation', [], { all: false, family: NFPROTO_UNSPEC }));
  }

  hasTable(table: string): boolean {
    try {
      return this.#socket.request(getTable(table)).length > 0;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** Names of the tables of family `ip`. */
  tables(): string[] {
    return this.#again(() => this.#socket.request(dumpTables())).map(({ payload }) => decodeTableName(payload));
  }

  /** Chains of all families and tables. */
  chains(): ChainInfo[] {
    const answers = this.#again(() => this.#socket.request(dumpChains(NFPROTO_UNSPEC)));
    return answers.map(({ payload }) => decodeChain(payload));
  }

  /** Whether any rule of a table has these bytes in it, such as the name of a link. */
  mentions(family: number, table: string, bytes: Buffer): boolean {
    const rules = this.#again(() => this.#socket.request(dumpRules(family, table)));
    return rules.some(({ payload }) => payload.includes(bytes));
  }

  /** Elements of a set or map; none if it is not there. */
  elements(table: string, set: string): SetElement[] {
    try {
      const answers = this.#again(() => this.#socket.request(dumpElements(table, set)));
      return answers.flatMap(({ payload }) => decodeElements(payload));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  close(): void {
    this.#socket.close();
  }

  #again<T>(work: () => T): T {
    for (let attempt = 1; ; attempt++) {
      try {
        return work();
      } catch (error) {
        if (attempt === ATTEMPTS || !hasCode(error, ...AGAIN)) throw error;
      }
    }
  }
}
