import type { Engine } from '../engine/index.js';
import type { NetworkObject } from '../plugin/networks.js';
import { appendEvent } from '../state/events.js';

/** Tells whoever listens, with docker's words. @param container the id of the one that it is about */
export function networkEvent(
  { gate, paths }: Engine,
  action: 'create' | 'destroy' | 'connect' | 'disconnect',
  { id, name, driver }: NetworkObject,
  container?: string,
): void {
  const attributes = { name, type: driver, ...(container !== undefined && { container }) };
  appendEvent({ gate, runroot: paths.runroot }, { type: 'network', action, id, attributes });
}
