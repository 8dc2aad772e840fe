import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredTree } from '../contents.js';
import { partDirectories } from './host-image.js';
import { composedView, type HostPart, type HostTree, wholeView } from './host-view.js';

/** What a container of the machine's own root holds: one overlay, or one for each part of the view. */
export function hostContents(
  directory: string,
  writable: string,
  tree: HostTree,
  marks: StoredTree['marks'],
): StoredTree[] {
  const composed = existsSync(join(directory, 'view'));
  return (composed ? composedView(tree) : wholeView(tree)).flatMap((part) => partContents(writable, part, marks));
}

/** A part of which there is no upper directory was mounted on the machine after the container was made. */
function partContents(writable: string, part: HostPart, marks: StoredTree['marks']): StoredTree[] {
  const upper = join(writable, partDirectories(part.path)[0]);
  if (part.kind !== 'overlay' || !existsSync(upper)) return [];
  return [{ path: part.path, base: [part.path], current: [part.path, upper], marks }];
}
