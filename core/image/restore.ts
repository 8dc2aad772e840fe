import type { Gate } from '../kernel/gate.js';
import type { ResolvedImage } from '../plugin/image.js';
import { LayerView } from './layer-view.js';

/** An image as a container that was made of it remembers it, whatever its name means by now. */
export function restoreImage(gate: Gate, stored: Omit<ResolvedImage, 'readFile'>): ResolvedImage {
  const view = new LayerView(gate, stored.layers);
  return { ...stored, readFile: (path) => view.readFile(path) };
}
