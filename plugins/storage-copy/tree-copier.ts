import { type Gate, type Host, TreeCopier as KernelTreeCopier } from '../../core/plugin/index.js';
import { copyFailed } from './copy-error.js';

/** Copies the layers of an image; errors name the file in it, and what mends them. */
export class TreeCopier extends KernelTreeCopier {
  constructor(gate: Gate, host: Host) {
    super(gate, host, (error, path) => copyFailed(error, path, host));
  }
}
