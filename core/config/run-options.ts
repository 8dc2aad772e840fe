/**
 * Every setting of `run`, once: its flag, its shape in a config file, its variable, its help.
 * The command line, the config schema and the environment are all made from this table.
 */
export interface RunOption {
  /** As commander takes it; its long name in camelCase is the key in a config file. */
  readonly flags: string;
  /** `boolean` is on or off, `text` one value, `list` may be repeated, `env` is a list or a table. */
  readonly kind: 'boolean' | 'text' | 'list' | 'env';
  readonly help: string;
  /** What a good value looks like, for the fix of an error. */
  readonly example?: string;
  /** Other spellings that docker's users type. */
  readonly aliases?: readonly string[];
}

export const RUN_OPTIONS = {
  interactive: { flags: '-i, --interactive', kind: 'boolean', help: 'keep stdin open' },
  tty: { flags: '-t, --tty', kind: 'boolean', help: 'give the command a terminal' },
  detach: { flags: '-d, --detach', kind: 'boolean', help: 'run in the background and print the id' },
  rm: { flags: '--rm', kind: 'boolean', help: 'remove the container when it ends' },
  name: { flags: '--name <name>', kind: 'text', help: 'name of the container', example: 'web' },
  env: {
    flags: '-e, --env <K=V>',
    kind: 'env',
    help: 'set a variable; K alone copies it from the caller',
    example: 'TZ=UTC',
  },
  envFile: { flags: '--env-file <file>', kind: 'list', help: 'read variables from a file', example: './app.env' },
  workdir: { flags: '-w, --workdir <path>', kind: 'text', help: 'working directory inside', example: '/srv' },
  user: {
    flags: '-u, --user <user[:group]>',
    kind: 'text',
    help: 'user to run as: names or numbers',
    example: '1000:1000',
  },
  groupAdd: {
    flags: '--group-add <group>',
    kind: 'list',
    help: 'a further group: a name or a number',
    example: 'audio',
  },
  hostname: {
    flags: '-h, --hostname <name>',
    kind: 'text',
    help: 'host name (default: the short id)',
    example: 'web1',
  },
  domainname: { flags: '--domainname <name>', kind: 'text', help: 'NIS domain name', example: 'example.org' },
  volume: {
    flags: '-v, --volume <[src:]dst[:opts]>',
    kind: 'list',
    help: 'bind a path of the host, or a volume by name',
    example: '/srv/data:/data:ro',
  },
  mount: {
    flags: '--mount <fields>',
    kind: 'list',
    help: 'type=bind|volume,source=…,target=…[,readonly] or type=tmpfs,target=…',
    example: 'type=bind,source=/srv,target=/srv,readonly',
  },
  tmpfs: { flags: '--tmpfs <path[:opts]>', kind: 'list', help: 'a file system in memory', example: '/run:size=64m' },
  secret: {
    flags: '--secret <fields>',
    kind: 'list',
    help: 'id=NAME,src=FILE[,target=PATH][,env=VARIABLE][,mode=0400]: a file that only the container reads',
    example: 'id=token,src=./token.txt',
  },
  readOnly: { flags: '--read-only', kind: 'boolean', help: 'make the root file system read-only' },
  shmSize: { flags: '--shm-size <size>', kind: 'text', help: 'size of /dev/shm (default: 64m)', example: '128m' },
  entrypoint: {
    flags: '--entrypoint <program>',
    kind: 'text',
    help: "replace the image's entrypoint; '' clears it",
    example: '/bin/sh',
  },
  init: { flags: '--init', kind: 'boolean', help: 'run a small init as pid 1, which reaps' },
  network: {
    flags: '--network <network>',
    kind: 'text',
    help: 'none, host, bridge, a network, container:NAME (default: bridge for root, else none)',
    example: 'none',
    aliases: ['net'],
  },
  storage: {
    flags: '--storage <driver>',
    kind: 'text',
    help: 'overlay, copy (default: the first that works)',
    example: 'overlay',
  },
  resources: {
    flags: '--resources <driver>',
    kind: 'text',
    help: 'cgroup-v1, cgroup-v2, none (default: what the host has)',
    example: 'auto',
  },
  publish: {
    flags: '-p, --publish <[ip:]host:container[/udp]>',
    kind: 'list',
    help: 'publish a port',
    example: '8080:80',
  },
  dns: { flags: '--dns <ip>', kind: 'list', help: 'name server', example: '192.0.2.53' },
  dnsSearch: { flags: '--dns-search <domain>', kind: 'list', help: 'search domain', example: 'example.org' },
  dnsOption: {
    flags: '--dns-option <option>',
    kind: 'list',
    help: 'option for resolv.conf',
    example: 'ndots:2',
    aliases: ['dns-opt'],
  },
  addHost: { flags: '--add-host <name:ip>', kind: 'list', help: 'a line for /etc/hosts', example: 'db:192.0.2.7' },
  ip: { flags: '--ip <address>', kind: 'text', help: 'IPv4 address on the bridge', example: '10.88.0.9' },
  macAddress: {
    flags: '--mac-address <mac>',
    kind: 'text',
    help: 'MAC address on the bridge',
    example: '02:42:0a:58:00:09',
  },
  memory: { flags: '-m, --memory <size>', kind: 'text', help: 'memory limit', example: '256m' },
  memorySwap: {
    flags: '--memory-swap <size>',
    kind: 'text',
    help: 'memory and swap together; -1 is unlimited swap',
    example: '512m',
  },
  memoryReservation: { flags: '--memory-reservation <size>', kind: 'text', help: 'soft memory limit', example: '128m' },
  cpus: { flags: '--cpus <number>', kind: 'text', help: 'how many CPUs it may use', example: '0.5' },
  cpuShares: { flags: '-c, --cpu-shares <number>', kind: 'text', help: 'relative weight, 2 to 262144', example: '512' },
  cpusetCpus: { flags: '--cpuset-cpus <list>', kind: 'text', help: 'CPUs it may use', example: '0-1' },
  cpusetMems: { flags: '--cpuset-mems <list>', kind: 'text', help: 'memory nodes it may use', example: '0' },
  pidsLimit: {
    flags: '--pids-limit <number>',
    kind: 'text',
    help: 'how many processes; -1 is no limit',
    example: '100',
  },
  blkioWeight: { flags: '--blkio-weight <number>', kind: 'text', help: 'block IO weight, 10 to 1000', example: '500' },
  device: {
    flags: '--device <path[:path][:rwm]>',
    kind: 'list',
    help: 'a device of the host',
    example: '/dev/fuse:/dev/fuse:rw',
  },
  ulimit: { flags: '--ulimit <name=soft[:hard]>', kind: 'list', help: 'a resource limit', example: 'nofile=1024:2048' },
  capAdd: { flags: '--cap-add <name>', kind: 'list', help: 'add a capability', example: 'NET_ADMIN' },
  capDrop: { flags: '--cap-drop <name>', kind: 'list', help: 'drop a capability', example: 'ALL' },
  privileged: { flags: '--privileged', kind: 'boolean', help: 'drop the walls: all capabilities, all devices' },
  securityOpt: {
    flags: '--security-opt <option>',
    kind: 'list',
    help: 'no-new-privileges[=false]',
    example: 'no-new-privileges=false',
  },
  userns: {
    flags: '--userns <host|auto|uid:gid:size>',
    kind: 'text',
    help: 'user namespace',
    example: '100000:100000:65536',
  },
  security: { flags: '--security <driver>', kind: 'text', help: 'what is added to the sandbox', example: 'none' },
  uts: { flags: '--uts <private|host>', kind: 'text', help: 'host name namespace', example: 'host' },
  ipc: { flags: '--ipc <private|host>', kind: 'text', help: 'IPC namespace', example: 'host' },
  pid: { flags: '--pid <private|host>', kind: 'text', help: 'process namespace', example: 'host' },
  cgroupns: { flags: '--cgroupns <private|host>', kind: 'text', help: 'cgroup namespace', example: 'host' },
  timens: {
    flags: '--timens <private|host>',
    kind: 'text',
    help: 'time namespace (default: host)',
    example: 'private',
  },
  label: { flags: '-l, --label <K=V>', kind: 'env', help: 'a label', example: 'tier=web' },
  labelFile: { flags: '--label-file <file>', kind: 'list', help: 'read labels from a file', example: './labels' },
  cidfile: { flags: '--cidfile <file>', kind: 'text', help: 'write the id to a file', example: './web.cid' },
  restart: {
    flags: '--restart <policy>',
    kind: 'text',
    help: 'no, on-failure[:n], always, unless-stopped (default: no)',
    example: 'on-failure:3',
  },
  stopSignal: {
    flags: '--stop-signal <signal>',
    kind: 'text',
    help: "what stop sends (default: the image's, else SIGTERM)",
    example: 'SIGQUIT',
  },
  stopTimeout: {
    flags: '--stop-timeout <seconds>',
    kind: 'text',
    help: 'how long stop waits before SIGKILL (default: 10)',
    example: '30',
  },
  timeout: { flags: '--timeout <duration>', kind: 'text', help: 'kill it after that time', example: '10m' },
  logDriver: { flags: '--log-driver <driver>', kind: 'text', help: "file, none, a plugin's", example: 'file' },
  logOpt: {
    flags: '--log-opt <K=V>',
    kind: 'env',
    help: 'max-size=20m, max-file=5: of the log of a detached container',
    example: 'max-size=10m',
  },
  networkAlias: {
    flags: '--network-alias <name>',
    kind: 'list',
    help: 'a further name of the container on its network',
    example: 'db',
    aliases: ['net-alias'],
  },
  detachKeys: {
    flags: '--detach-keys <keys>',
    kind: 'text',
    help: 'keys that leave a container running (default: ctrl-p,ctrl-q)',
    example: 'ctrl-x',
  },
  force: { flags: '--force', kind: 'boolean', help: 'go on where a default refuses: a full copy of the host' },
  trace: { flags: '--trace', kind: 'boolean', help: 'list every step with its duration after the run' },
  traceFormat: { flags: '--trace-format <format>', kind: 'text', help: 'text, json or html', example: 'json' },
  traceFile: { flags: '--trace-file <file>', kind: 'text', help: 'where the trace goes', example: 'trace.html' },
} as const satisfies Record<string, RunOption>;

export type RunKey = keyof typeof RUN_OPTIONS;
export const RUN_KEYS = Object.keys(RUN_OPTIONS) as readonly RunKey[];

/** The values of a kind, as a config file or a library call gives them. */
export interface KindValues {
  boolean: boolean;
  text: string | number;
  list: readonly (string | number)[];
  env: readonly string[] | Readonly<Record<string, string | number | boolean>>;
}

/** Settings of `run`, unparsed: sizes as `256m`, ports as `8080:80`. */
export type RunSettings = { readonly [Key in RunKey]?: KindValues[(typeof RUN_OPTIONS)[Key]['kind']] };

export function runOption(key: RunKey): RunOption {
  return RUN_OPTIONS[key];
}

/** The long flag of a setting: `--memory-swap`. */
export function longFlag(key: RunKey): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The variable of a setting: `TSBOX_MEMORY_SWAP`. */
export function variableName(key: string): string {
  return `TSBOX_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
