import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseImageName } from '../image/reference.js';
import { imageDirectory } from '../image/store.js';
import { containerDirectory, containerIds, readDetails, readRecord } from '../state/record.js';

/** Which containers, running or not, are made of what. */
export interface LayersInUse {
  /** Names of the containers, by the layer's directory. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** A container is being made at this moment: of what is not known. */
  readonly launching: boolean;
}

export function layersInUse(root: string): LayersInUse {
  const users = new Map<string, string[]>();
  let launching = false;
  for (const id of containerIds(root)) {
    const directory = containerDirectory(root, id);
    if (!existsSync(join(directory, 'details.json')) && !existsSync(join(directory, 'container.json')))
      launching = true;
    for (const layer of layersOf(root, directory))
      users.set(layer, [...(users.get(layer) ?? []), nameOf(directory, id)]);
  }
  return { users, launching };
}

/** Of one with damaged details, what its image is called says as much. */
function layersOf(root: string, directory: string): readonly string[] {
  try {
    return readDetails(directory).image.layers;
  } catch {
    try {
      const record = readRecord(directory);
      return record ? [join(imageDirectory(root, parseImageName(record.image)), 'layer')] : [];
    } catch {
      return [];
    }
  }
}

function nameOf(directory: string, id: string): string {
  try {
    return readRecord(directory)?.name || id.slice(0, 12);
  } catch {
    return id.slice(0, 12);
  }
}
