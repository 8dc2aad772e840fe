import type { Slot } from '../../core/plugin/index.js';

/** A detached mount that gets a name in a directory of the container: /dev or /etc. */
export interface NamedMount {
  readonly name: string;
  readonly mount: Slot;
}
