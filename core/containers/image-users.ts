import { containerDirectory, containerIds, readDetails, readRecord } from '../state/record.js';

/** Names of the containers that are made of a layer. One that cannot be read counts for none. */
export function containersOfLayer(root: string, layer: string): string[] {
  return containerIds(root).flatMap((id) => {
    const directory = containerDirectory(root, id);
    try {
      if (!readDetails(directory).image.layers.includes(layer)) return [];
      return [readRecord(directory)?.name ?? id.slice(0, 12)];
    } catch {
      return [];
    }
  });
}
