import type { Gate } from './gate.js';

/**
 * Random bytes from getrandom(2): what node:crypto would give, which takes longer to load than a
 * container to start.
 */
export function randomBytes(gate: Gate, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  gate.call('getrandom', bytes, length, 0);
  return bytes;
}
