import {
  type JsonObject,
  type OptionTable,
  parseAddress,
  parseSubnet,
  type Subnet,
  TsboxError,
} from '../../core/plugin/index.js';

export interface BridgeOptions {
  /** Name of the bridge; default: `tsbox0`, or the first `tsboxN` that no other runroot has. */
  readonly bridge?: string;
  /** The network's addresses; default: the first candidate that collides with nothing. */
  readonly subnet?: Subnet;
  /** Bytes; default: the MTU of the link that the default route leads to. */
  readonly mtu?: number;
  /** Used where the host's resolv.conf only names servers that a container cannot reach. */
  readonly nameservers: readonly string[];
}

export const MIN_MTU = 576;
export const MAX_MTU = 65535;
/** With /30 there is room for the bridge and one container. */
export const LONGEST_PREFIX = 30;
export const SHORTEST_PREFIX = 8;

/** What can be said of them in a table; {@link bridgeOptions} knows the rest. */
export const BRIDGE_TABLE = {
  bridge: { type: 'string', description: 'name of the bridge, which begins with "tsbox"; default: tsbox0' },
  subnet: { type: 'string', description: 'the network\'s addresses, such as "10.209.0.0/16"' },
  mtu: { type: 'integer', minimum: MIN_MTU, maximum: MAX_MTU, description: 'default: that of the default route' },
  nameservers: {
    type: 'array',
    items: { type: 'string' },
    description: 'used where the host names servers that a container cannot reach',
  },
} as const satisfies OptionTable;

type Reader = (value: unknown) => unknown;

const READERS: Readonly<Record<keyof BridgeOptions, { expected: string; read: Reader }>> = {
  bridge: { expected: 'a name that begins with "tsbox", at most 15 letters, digits, "_", "-"', read: readName },
  subnet: {
    expected: `an IPv4 network such as "10.209.0.0/16", /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`,
    read: readSubnet,
  },
  mtu: { expected: `a number from ${MIN_MTU} to ${MAX_MTU}`, read: readMtu },
  nameservers: { expected: 'a list of IPv4 addresses', read: readNameservers },
};

/** Checks the options of a config file. @throws TsboxError ERR_TSBOX_CONFIG */
export function bridgeOptions(options: JsonObject): BridgeOptions {
  const read: Record<string, unknown> = { nameservers: [] };
  for (const [key, value] of Object.entries(options)) {
    const reader = Object.hasOwn(READERS, key) ? READERS[key as keyof BridgeOptions] : undefined;
    if (!reader) throw wrong(`there is no option "${key}"`, `options are ${Object.keys(READERS).join(', ')}`);
    read[key] = reader.read(value);
    if (read[key] === undefined) throw wrong(`${key} is ${JSON.stringify(value)}`, `${key} is ${reader.expected}`);
  }
  return read as unknown as BridgeOptions;
}

function readName(value: unknown): unknown {
  return typeof value === 'string' && /^tsbox[a-zA-Z0-9_-]{0,10}$/.test(value) ? value : undefined;
}

function readSubnet(value: unknown): unknown {
  const subnet = typeof value === 'string' ? parseSubnet(value) : undefined;
  return subnet && subnet.prefix >= SHORTEST_PREFIX && subnet.prefix <= LONGEST_PREFIX ? subnet : undefined;
}

function readMtu(value: unknown): unknown {
  return Number.isInteger(value) && (value as number) >= MIN_MTU && (value as number) <= MAX_MTU ? value : undefined;
}

function readNameservers(value: unknown): unknown {
  if (!Array.isArray(value)) return undefined;
  return value.every((each) => typeof each === 'string' && parseAddress(each) !== undefined) ? value : undefined;
}

function wrong(why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: 'cannot use the options of the network driver "bridge"',
    why,
    fix,
  });
}
