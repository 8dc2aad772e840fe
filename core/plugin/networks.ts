/** What a network is told at its making; a driver completes it. IPv4 text: `10.217.0.0/20`, `10.217.0.1`. */
export interface NetworkSettings {
  readonly subnet?: string;
  readonly gateway?: string;
  /** Addresses that are given out unasked are of this part of the subnet. */
  readonly ipRange?: string;
  /** Its containers reach each other and nothing else. */
  readonly internal: boolean;
  /** The driver's own, as `-o K=V` gave them. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * A network as a thing: made by `network create`, or one that every network driver has by its own name
 * and that is always there (`bridge`, `host`, `none`).
 */
export interface NetworkObject extends NetworkSettings {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Name of its network driver. */
  readonly driver: string;
  /** ISO 8601. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Cannot be made or removed. Names of containers resolve on other networks only. */
  readonly builtin: boolean;
}

/** A network that a container is to be on, and what it asked for there. */
export interface Attachment {
  readonly network: NetworkObject;
  readonly ip?: string;
  readonly mac?: string;
  /** Further names of the container there. */
  readonly aliases: readonly string[];
}

/** What a container has of a network while it runs. A driver shows them in its facts, as `networks`. */
export type Endpoint = {
  /** Name of the network. */
  readonly network: string;
  /** The interface inside: `eth0`. */
  readonly link: string;
  readonly address: string;
  /** Length of the subnet's prefix. */
  readonly prefix: number;
  readonly mac: string;
  /** Absent where nothing leads out. */
  readonly gateway?: string;
};

/** What `--network` came to: {@link LaunchNetwork.chosen}. */
export interface ChosenNetworks {
  /** The first of them is the container's eth0. Empty: it was disconnected from all of them. */
  readonly attachments: readonly Attachment[];
  /** Every network that was made, whether it is in use or not. */
  readonly others: readonly NetworkObject[];
  /** Whether a network is still there; a driver asks under a lock that {@link NetworkDriver.removeNetwork} takes. */
  exists(network: NetworkObject): boolean;
  /** The container whose network is joined: `--network DRIVER:CONTAINER`. */
  readonly peer?: NetworkPeer;
}

export interface NetworkPeer {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  /** `<root>/containers/<id>`, in whose `etc` are the files that it has as /etc/hosts and the like. */
  readonly directory: string;
  /** Its first process as the host sees it. */
  readonly pid: number;
  /** Whether that process is still the one that had the pid. */
  isAlive(): boolean;
}

/** A container that runs, for what is done to it later. */
export interface NetworkMember {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  isAlive(): boolean;
}

/** What a connect came to. */
export interface NetworkConnection {
  readonly endpoint: Endpoint;
  /** What is not as asked, in words. */
  readonly warnings: readonly string[];
}

/** A network as it is now. */
export interface NetworkUse {
  readonly subnet?: string;
  readonly gateway?: string;
  /** By the container's id. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
}
