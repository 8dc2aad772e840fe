/**
 * What the user asked for, after config file and flags are merged and validated: plain data.
 * Sizes are bytes, durations milliseconds; ids are numbers that were parsed strictly.
 */
export interface Spec {
  readonly image: string;
  /** What follows IMAGE on the command line; empty means the image's own command. */
  readonly command: readonly string[];
  /** Replaces the image's entrypoint; an empty list clears it. */
  readonly entrypoint?: readonly string[];
  readonly name?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  /** `K=V` pairs, later ones win; they override the image's. */
  readonly env: readonly string[];
  readonly workdir?: string;
  /** `user[:group]`, names or numbers, as `-u` takes it. */
  readonly user?: string;
  /** Supplementary groups, names or numbers. */
  readonly groups: readonly string[];
  readonly tty: boolean;
  /** What the terminal has from its first moment, in characters; without it 0 by 0. */
  readonly terminalSize?: { readonly columns: number; readonly rows: number };
  readonly init: boolean;
  /** Remove the container's directory when it ends. */
  readonly remove: boolean;
  readonly readOnly: boolean;
  readonly namespaces: NamespaceSpec;
  readonly drivers: DriverChoice;
  readonly userns?: UserRange;
  readonly mounts: readonly MountSpec[];
  /** Files that the container reads, and that nothing else shows; absent where there are none. */
  readonly secrets?: readonly SecretSpec[];
  readonly shmSize: number;
  readonly network: NetworkSpec;
  readonly resources: ResourceSpec;
  readonly security: SecuritySpec;
  readonly rlimits: readonly Rlimit[];
  /** Go on where a default would be refused: `copy` of the host image. */
  readonly force: boolean;
  /** stdin stays open while the container runs detached (`-i`). */
  readonly interactive: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What `stop` sends; default: the image's, else SIGTERM. */
  readonly stopSignal?: number;
  /** How long `stop` waits before SIGKILL, in milliseconds; default ten seconds. */
  readonly stopTimeout?: number;
  readonly restart: RestartSpec;
  readonly log: LogSpec;
  /** Kill it after so many milliseconds. */
  readonly timeout?: number;
  /** Where each setting came from that was given: `memory` -> `--memory`. */
  readonly origins: Readonly<Record<string, string>>;
}

/** `--restart`. */
export interface RestartSpec {
  readonly policy: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /** `on-failure:3`. */
  readonly maximum?: number;
}

/** Where a detached container's output goes: `--log-driver`, `--log-opt`. */
export interface LogSpec {
  /** `file`, `none`, or a log driver of a plugin. */
  readonly driver: string;
  /** `--log-opt` of a plugin's driver; `file` has its own below. */
  readonly options?: Readonly<Record<string, string>>;
  /** Bytes of one file. */
  readonly maxSize: number;
  /** How many files are kept, the one that is written to among them. */
  readonly maxFiles: number;
}

export type NamespaceMode = 'private' | 'host';

export interface NamespaceSpec {
  readonly uts: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly cgroup: NamespaceMode;
  readonly time: NamespaceMode;
}

/** The chosen driver of every kind; `auto` takes the first that works on this host. */
export interface DriverChoice {
  readonly storage: string;
  /** A driver, the name or id of a network that was made, or `DRIVER:CONTAINER`. */
  readonly network: string;
  readonly resources: string;
  readonly userns: string;
  /** What is added to the sandbox. */
  readonly security: string;
}

/** Of these every container has one. */
export type ChosenKind = keyof DriverChoice;
/** Of these it has one where the image's reference, or `--log-driver`, names it. */
export type DriverKind = ChosenKind | 'image' | 'log';

/** `--userns UID:GID:SIZE`: ids 0 to SIZE-1 inside are UID… and GID… outside. */
export interface UserRange {
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

export type MountSpec =
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly recursive: boolean;
      readonly propagation?: 'private' | 'slave' | 'shared';
    }
  | {
      /** A volume; without a name an anonymous one, of the container's own. */
      readonly type: 'volume';
      readonly name?: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** It was made for this container, and goes with it where that is asked for; the engine gave it its name. */
      readonly anonymous?: boolean;
      /** Leave a new volume empty instead of filling it with what the image has there. */
      readonly noCopy: boolean;
    }
  | {
      readonly type: 'tmpfs';
      readonly target: string;
      readonly readOnly: boolean;
      /** Bytes; the kernel's default is half of memory. */
      readonly size?: number;
      readonly mode?: number;
      /** Further flags of mount(8): `exec`, `noexec`, `suid`, `nosuid`, `dev`, `nodev`. */
      readonly options: readonly string[];
    };

/** `--secret`. */
export interface SecretSpec {
  readonly name: string;
  /** Absolute path on the host; it is read at every start. */
  readonly file: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** Permission bits there; it belongs to the container's user. */
  readonly mode: number;
}

export interface PortSpec {
  readonly hostIp?: string;
  /** Undefined: the kernel chooses. */
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface NetworkSpec {
  readonly ports: readonly PortSpec[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly addHosts: readonly { readonly host: string; readonly ip: string }[];
  readonly ip?: string;
  readonly mac?: string;
  /** Further names of the container on its network. */
  readonly aliases: readonly string[];
  /** `network disconnect` took it from the network that {@link DriverChoice} names. */
  readonly detached?: true;
  /** Networks beside that one: `network connect`. */
  readonly further?: readonly FurtherNetwork[];
}

export interface FurtherNetwork {
  /** Name of the network. */
  readonly network: string;
  readonly ip?: string;
  readonly aliases: readonly string[];
}

/** Limits; what is undefined is not limited. */
export interface ResourceSpec {
  readonly memory?: number;
  /** Memory plus swap, as docker means it; -1 is unlimited swap. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 is no limit; 0 is one process less than one: only the command itself. */
  readonly pidsLimit?: number;
  /** 10 to 1000. */
  readonly blkioWeight?: number;
  /** Devices allowed beside the default ones. */
  readonly devices: readonly DeviceSpec[];
}

export interface DeviceSpec {
  readonly source: string;
  readonly target: string;
  /** Subset of `rwm`. */
  readonly access: string;
}

export interface SecuritySpec {
  readonly privileged: boolean;
  /** Names without `CAP_`, upper case; `ALL`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly noNewPrivileges: boolean;
}

export interface Rlimit {
  /** Lower-case name as `--ulimit` takes it: `nofile`. */
  readonly name: string;
  /** -1 is unlimited. */
  readonly soft: number;
  readonly hard: number;
}
