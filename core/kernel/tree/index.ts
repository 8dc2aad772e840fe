/** Trees of files by descriptor: several layers read as one, and copies of what is in them. */
export { Attributes, descriptorPath, type Place } from './attributes.js';
export { EntryCopier, type Transfer } from './entry-copier.js';
export { LayerStack, type LayerStackOptions, openBelow, openDirectory } from './layer-stack.js';
export { type EntryKind, type MergedEntry, mergeEntries, type Source } from './merged-directory.js';
export { EMPTY, joinPath, keyOf, type Name, textOf } from './names.js';
export { type CopyRequest, TreeCopier } from './tree-copier.js';
export { Xattrs } from './xattrs.js';
