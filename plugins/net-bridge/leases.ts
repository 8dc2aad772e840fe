import { mkdirSync, readdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  contains,
  formatAddress,
  formatSubnet,
  hasCode,
  lastAddress,
  parseAddress,
  type Subnet,
  TsboxError,
} from '../../core/plugin/index.js';
import { type PublishedPort, portFile, readPortFile } from './ports.js';

const MARK = 'mark';

/** What one container has of a network. */
export interface Lease {
  readonly address: string;
  readonly ports: readonly PublishedPort[];
}

/**
 * The leases of one network: the directory `<runroot>/net/<bridge>`, used under the network lock.
 *
 * | file | says |
 * |---|---|
 * | `<id>.json` | a container and its {@link Lease}; written before what it lists is taken |
 * | `10.209.0.2` | this address is taken, by the id in it; made with O_EXCL |
 * | `mark` | the alias of the bridge: mark.ts |
 * | `tcp-8080-0.0.0.0` | this port of the host is taken, by the id in it; made with O_EXCL |
 */
export class LeaseDirectory {
  constructor(readonly path: string) {}

  /** All networks of a runroot. */
  static list(runroot: string): string[] {
    return entries(join(runroot, 'net'));
  }

  static of(runroot: string, bridge: string): LeaseDirectory {
    return new LeaseDirectory(join(runroot, 'net', bridge));
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  /** Takes an address: the asked one, or the lowest that is free. @throws TsboxError */
  take(id: string, subnet: Subnet, gateway: number, asked?: string): Lease {
    const address = this.choose(subnet, gateway, asked);
    const lease: Lease = { address, ports: [] };
    this.#write(id, lease);
    writeFileSync(join(this.path, address), id, { flag: 'wx', mode: 0o600 });
    return lease;
  }

  /** Which address {@link take} would take. */
  choose(subnet: Subnet, gateway: number, asked?: string): string {
    const taken = new Set(entries(this.path));
    if (asked !== undefined) return checkAsked(asked, subnet, gateway, taken);
    const last = lastAddress(subnet);
    for (let address = subnet.base + 1; address < last; address++) {
      const text = formatAddress(address);
      if (address !== gateway && !taken.has(text)) return text;
    }
    throw new TsboxError('ERR_TSBOX_NO_ADDRESS', {
      what: 'cannot lease an address',
      why: `all addresses of ${formatSubnet(subnet)} are taken`,
      fix: ['stop a container', 'or give the network driver "bridge" a wider subnet'],
    });
  }

  /** Ports of the host that containers of this network have. */
  ports(): PublishedPort[] {
    return entries(this.path)
      .map(readPortFile)
      .filter((port) => port !== undefined);
  }

  /** Takes ports of the host for a container that has a lease. */
  takePorts(id: string, lease: Lease, ports: readonly PublishedPort[]): void {
    this.#write(id, { ...lease, ports });
    for (const port of ports) writeFileSync(join(this.path, portFile(port)), id, { flag: 'wx', mode: 0o600 });
  }

  /** What a container has; undefined if it has nothing here. */
  find(id: string): Lease | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, `${id}.json`), 'utf8')) as Lease;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      // Cut short by a full disk: what it would have listed was not taken.
      if (error instanceof SyntaxError) return { address: '', ports: [] };
      throw error;
    }
  }

  /** Gives back what a container has. */
  drop(id: string, lease: Lease): void {
    const files = [lease.address, ...lease.ports.map(portFile)].filter(
      (name) => name !== '' && this.#holder(name) === id,
    );
    for (const name of [...files, `${id}.json`]) remove(join(this.path, name));
  }

  /** The mark of the bridge, kept for when somebody deletes it. */
  writeMark(text: string): void {
    writeFileSync(join(this.path, MARK), text, { mode: 0o600 });
  }

  readMark(): string | undefined {
    return this.#holder(MARK);
  }

  get isUnused(): boolean {
    return !entries(this.path).some((name) => name.endsWith('.json'));
  }

  /** Removes the directory with whatever is in it; and that of all networks, if it was the last. */
  remove(): void {
    for (const name of entries(this.path)) remove(join(this.path, name));
    for (const directory of [this.path, join(this.path, '..')]) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
      }
    }
  }

  #write(id: string, lease: Lease): void {
    writeFileSync(join(this.path, `${id}.json`), JSON.stringify(lease), { mode: 0o600 });
  }

  #holder(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

function checkAsked(asked: string, subnet: Subnet, gateway: number, taken: ReadonlySet<string>): string {
  const address = parseAddress(asked) as number;
  const outside = !contains(subnet, address) || address === subnet.base || address === lastAddress(subnet);
  if (outside) {
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
      what: `cannot give the address ${asked}`,
      why: `a container on this bridge has one of ${formatSubnet(subnet)}`,
      fix: `choose one from ${formatAddress(subnet.base + 2)} on, or leave out --ip`,
    });
  }
  if (address !== gateway && !taken.has(asked)) return asked;
  throw new TsboxError('ERR_TSBOX_ADDRESS_IN_USE', {
    what: `cannot give the address ${asked}`,
    why: address === gateway ? 'the bridge itself has it' : 'another container has it',
    fix: 'choose another one, or leave out --ip',
  });
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
