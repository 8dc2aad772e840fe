import { mkdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { namesIn } from '../kernel/names-in.js';
import {
  contains,
  formatAddress,
  formatSubnet,
  lastAddress,
  parseAddress,
  type Subnet,
} from '../kernel/netlink/ipv4.js';
import { TsboxError } from './error.js';

/** Which addresses there are to take. */
export interface AddressPool {
  readonly subnet: Subnet;
  /** Nobody's but the one who leads out. */
  readonly gateway?: number;
  /** Those that are given out unasked; default: the subnet. */
  readonly range?: Subnet;
}

/** An address that nobody has: the asked one, or the lowest. @param taken as text @throws TsboxError */
export function chooseAddress(pool: AddressPool, taken: ReadonlySet<string>, asked?: string): string {
  if (asked !== undefined) return checkAsked(asked, pool, taken);
  const { subnet, gateway, range = subnet } = pool;
  // The first and the last address of the subnet are no machine's; of a part of it they may be.
  const last = Math.min(lastAddress(range), lastAddress(subnet) - 1);
  for (let address = Math.max(range.base, subnet.base + 1); address <= last; address++) {
    const text = formatAddress(address);
    if (address !== gateway && !taken.has(text)) return text;
  }
  throw new TsboxError('ERR_TSBOX_NO_ADDRESS', {
    what: 'cannot lease an address',
    why: `all addresses of ${formatSubnet(range)} are taken`,
    fix: ['stop a container', 'or use a network with a wider subnet'],
    diagnosis: 'addresses-exhausted',
  });
}

/**
 * Addresses that containers have, for a network driver: in `directory` a link of the address's name for each, to
 * the container's id. A link is made as a whole or not at all, and only where there is none; so neither two
 * containers have one address, nor has one nobody.
 */
export class AddressLeases {
  constructor(readonly directory: string) {}

  /** Which address {@link take} would take. @throws TsboxError */
  preview(pool: AddressPool, asked?: string): string {
    return chooseAddress(pool, new Set(namesIn(this.directory)), asked);
  }

  /** @throws TsboxError */
  take(id: string, pool: AddressPool, asked?: string): string {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (;;) {
      const address = this.preview(pool, asked);
      try {
        symlinkSync(id, join(this.directory, address));
        return address;
      } catch (error) {
        // Somebody else was faster.
        if (!hasCode(error, 'EEXIST')) throw error;
      }
    }
  }

  /** Gives back what a container has; that may be nothing. */
  release(id: string): void {
    for (const name of namesIn(this.directory)) if (this.#holder(name) === id) unlinkSync(join(this.directory, name));
  }

  /** Undefined when it was given back meanwhile. */
  #holder(name: string): string | undefined {
    try {
      return readlinkSync(join(this.directory, name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

function checkAsked(asked: string, { subnet, gateway }: AddressPool, taken: ReadonlySet<string>): string {
  const address = parseAddress(asked);
  const inside = address !== undefined && contains(subnet, address);
  if (!inside || address === subnet.base || address === lastAddress(subnet)) {
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
      what: `cannot give the address ${asked}`,
      why: `a container on this network has one of ${formatSubnet(subnet)}`,
      fix: `choose one from ${formatAddress(subnet.base + 2)} on, or leave out --ip`,
    });
  }
  if (address !== gateway && !taken.has(asked)) return asked;
  throw new TsboxError('ERR_TSBOX_ADDRESS_IN_USE', {
    what: `cannot give the address ${asked}`,
    why: address === gateway ? "it is the gateway's" : 'another container has it',
    fix: 'choose another one, or leave out --ip',
    diagnosis: 'address-in-use',
  });
}
