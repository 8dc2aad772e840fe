import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type AddressPool, chooseAddress, hasCode } from '../../core/plugin/index.js';
import { type PublishedPort, portFile, readPortFile } from './ports.js';

const MARK = 'mark';
/** Of a damaged record. */
const NOTHING_LISTED: Lease = { address: '', ports: [] };
const RECORD = '.json';

/** What one container has of a network. */
export interface Lease {
  readonly address: string;
  readonly ports: readonly PublishedPort[];
  /** Its interface inside; absent as long as nothing but the address is taken. */
  readonly link?: LeasedLink;
  /** What others find it by: its name, its short id, its aliases. Absent until it is connected, and on the default network. */
  readonly names?: readonly string[];
}

export interface LeasedLink {
  /** `eth0`. */
  readonly name: string;
  /** The host's end. */
  readonly veth: string;
  readonly mac: string;
  readonly prefix: number;
  /** Where it leads out; absent on an internal network. */
  readonly gateway?: string;
  /** The container's default route is by this gateway. */
  readonly isDefault?: boolean;
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

  /** Bridges of all networks of a runroot. */
  static list(runroot: string): string[] {
    return entries(join(runroot, 'net'));
  }

  static of(runroot: string, bridge: string): LeaseDirectory {
    return new LeaseDirectory(join(runroot, 'net', bridge));
  }

  /** Ports of the host that containers of a runroot have, whichever network they are on. */
  static takenPorts(runroot: string): PublishedPort[] {
    return LeaseDirectory.list(runroot).flatMap((bridge) => LeaseDirectory.of(runroot, bridge).ports());
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  /**
   * Takes an address: the asked one, or the lowest that is free.
   * @param describe what is written down of it @throws TsboxError
   */
  take<Described extends Lease = Lease>(
    id: string,
    pool: AddressPool,
    asked?: string,
    describe: (address: string) => Described = (address) => ({ address, ports: [] }) as Lease as Described,
  ): Described {
    const address = this.choose(pool, asked);
    const lease = describe(address);
    this.write(id, lease);
    writeFileSync(join(this.path, address), id, { flag: 'wx', mode: 0o600 });
    return lease;
  }

  /** Which address {@link take} would take. */
  choose(pool: AddressPool, asked?: string): string {
    return chooseAddress(pool, new Set(entries(this.path)), asked);
  }

  /** Ports of the host that containers of this network have. */
  ports(): PublishedPort[] {
    return entries(this.path)
      .map(readPortFile)
      .filter((port) => port !== undefined);
  }

  /** Takes ports of the host for a container that has a lease. */
  takePorts(id: string, lease: Lease, ports: readonly PublishedPort[]): void {
    this.write(id, { ...lease, ports });
    for (const port of ports) writeFileSync(join(this.path, portFile(port)), id, { flag: 'wx', mode: 0o600 });
  }

  /** Ids of the containers that have something here. */
  containers(): string[] {
    return entries(this.path).flatMap((name) => (name.endsWith(RECORD) ? [name.slice(0, -RECORD.length)] : []));
  }

  /** Says more of a container that has an address. */
  write(id: string, lease: Lease): void {
    // Renamed: a record that is cut short by a full disk would forget what an earlier one listed.
    const temporary = join(this.path, `${id}.new`);
    try {
      writeFileSync(temporary, JSON.stringify(lease), { mode: 0o600 });
      renameSync(temporary, join(this.path, `${id}${RECORD}`));
    } catch (error) {
      remove(temporary);
      throw error;
    }
  }

  /** What a container has; undefined if it has nothing here. */
  find(id: string): Lease | undefined {
    try {
      const lease = JSON.parse(readFileSync(join(this.path, `${id}${RECORD}`), 'utf8')) as Partial<Lease> | null;
      return typeof lease?.address === 'string' && Array.isArray(lease.ports) ? (lease as Lease) : NOTHING_LISTED;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      if (error instanceof SyntaxError) return NOTHING_LISTED;
      throw error;
    }
  }

  /** Gives back what a container has. */
  drop(id: string, lease: Lease): void {
    const listed = [lease.address, ...lease.ports.map(portFile)].filter((name) => name !== '');
    // A damaged record lists nothing: what says this id is its own. Under the lock nobody else is about to write
    // into a file that is empty: a full disk, or the end of its writer, left it so.
    const names = listed.length > 0 ? listed : entries(this.path);
    const own = names.filter((name) =>
      [id, ...(listed.includes(name) ? [''] : [])].includes(this.#holder(name) ?? '?'),
    );
    for (const name of [...own, `${id}${RECORD}`]) remove(join(this.path, name));
  }

  /** The mark of the bridge, kept for when somebody deletes it. */
  writeMark(text: string): void {
    writeFileSync(join(this.path, MARK), text, { mode: 0o600 });
  }

  readMark(): string | undefined {
    return this.#holder(MARK);
  }

  get isUnused(): boolean {
    return this.containers().length === 0;
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

  #holder(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
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
