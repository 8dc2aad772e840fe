import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { describeNetworkBehaviour } from './network-behaviour.js';
import { type DriverDescription, Subject } from './subject.js';

export interface NetworkDescription extends DriverDescription {
  /** An address that a container can be given with `--ip`, for a driver with the ability `address`. */
  readonly address?: string;
}

/**
 * What every network driver must do, on this machine's kernel, and that everything is taken back whatever
 * fails. To be called in a vitest file. Needs root, busybox-static, iproute2 and nftables.
 */
export function describeNetworkDriver(plugin: PluginDefinition, description: NetworkDescription): void {
  const subject = new Subject(plugin, description, 'network');
  describeSubject(subject, ['ip', 'nft'], (stage) => describeNetworkBehaviour(stage, description));
}
