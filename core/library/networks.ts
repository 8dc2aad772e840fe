import type { Engine } from '../engine/index.js';
import { type ConnectOptions, connectNetwork, disconnectNetwork } from '../networks/connect.js';
import { type CreateNetworkOptions, createNetwork } from '../networks/create.js';
import { inspectNetwork, listNetworks, type NetworkInspection } from '../networks/list.js';
import { pruneNetworks, removeNetwork } from '../networks/remove.js';
import type { NetworkObject } from '../plugin/networks.js';

/** The networks that containers can be on. Methods throw TsboxError. */
export class LibraryNetworks {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  create(options: CreateNetworkOptions): Promise<NetworkObject> {
    return createNetwork(this.#engine, options);
  }

  /** @param onError is told of each that cannot be read */
  list(onError: (error: Error) => void = () => {}): Promise<NetworkObject[]> {
    return listNetworks(this.#engine, onError);
  }

  inspect(reference: string): Promise<NetworkInspection> {
    return inspectNetwork(this.#engine, reference);
  }

  /** @returns its id */
  remove(reference: string): Promise<string> {
    return removeNetwork(this.#engine, reference);
  }

  /** Removes those that no container uses. @returns them */
  prune(): Promise<NetworkObject[]> {
    return pruneNetworks(this.#engine);
  }

  /** Puts a container on a further network. @returns what is not as asked, in words */
  connect(network: string, container: string, options?: ConnectOptions): Promise<readonly string[]> {
    return connectNetwork(this.#engine, network, container, options);
  }

  async disconnect(network: string, container: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await disconnectNetwork(this.#engine, network, container, options.force ?? false);
  }
}
