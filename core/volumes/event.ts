import type { Gate } from '../kernel/gate.js';
import { appendEvent } from '../state/events.js';

/** Tells whoever listens, with docker's words. */
export function volumeEvent(gate: Gate, runroot: string, action: 'create' | 'destroy', name: string): void {
  appendEvent({ gate, runroot }, { type: 'volume', action, id: name, attributes: { driver: 'local' } });
}
