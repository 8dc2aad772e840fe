import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { describeStorageContents } from './storage-contents.js';
import { type StorageLack, Stores } from './storage-stores.js';
import { type DriverDescription, Subject } from './subject.js';

export interface StorageDescription extends DriverDescription {
  /** What it does not do, which others do. */
  readonly lacks?: readonly StorageLack[];
}

/**
 * What every storage driver must do, on this machine's kernel: what is in the root file system, what becomes of
 * writes, and that everything is taken back whatever fails. To be called in a vitest file. Needs root,
 * busybox-static, attr and acl.
 */
export function describeStorageDriver(plugin: PluginDefinition, description: StorageDescription): void {
  const subject = new Subject(plugin, description, 'storage');
  describeSubject(subject, ['attr'], () => {
    describeStorageContents(new Stores(subject, description.lacks ?? []));
  });
}
