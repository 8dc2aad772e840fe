type DiagnosticsChannel = typeof import('node:diagnostics_channel');

/** Names of Node's tracing channels: `diagnostics_channel.tracingChannel('tsbox:launch')`. */
export const CHANNELS = ['tsbox:launch', 'tsbox:hook', 'tsbox:step', 'tsbox:op'] as const;
export type ChannelName = (typeof CHANNELS)[number];
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

const MODULE = 'NativeModule diagnostics_channel';

/**
 * Node's diagnostics_channel, if anybody has loaded it: nobody else can have subscribed, and loading it
 * would cost a plain start more than a system call of its container.
 */
export function diagnostics(): DiagnosticsChannel | undefined {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  if (moduleLoadList && !moduleLoadList.includes(MODULE)) return undefined;
  return process.getBuiltinModule('node:diagnostics_channel');
}

/** Whether anybody is subscribed to an event of one of the channels. */
export function isSubscribed(names: readonly ChannelName[] = CHANNELS): boolean {
  const node = diagnostics();
  return Boolean(node && names.some((name) => EVENTS.some((event) => node.hasSubscribers(`tracing:${name}:${event}`))));
}
