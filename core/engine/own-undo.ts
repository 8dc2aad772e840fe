import { relative } from 'node:path';
import type { JsonObject } from '../plugin/launch.js';
import { definePlugin, type PluginDefinition } from '../plugin/plugin.js';
import { releaseName } from '../state/names.js';
import { removeTree } from '../state/remove-tree.js';

/** What the engine itself acquires, as a plugin like any other: its undo functions. */
export const enginePlugin: PluginDefinition = definePlugin({
  name: 'engine',
  apiVersion: 1,
  undo: {
    containerDirectory: (args, { root, gate }) => {
      const path = text(args, 'path');
      // A journal is a file that somebody may have touched: only what is ours is ever removed.
      if (!/^containers\/[0-9a-f]{64}$/.test(relative(root, path)))
        throw new Error(`${path} is no container of ${root}`);
      return removeTree(path, gate);
    },
    name: (args, { root }) => releaseName(root, text(args, 'name'), text(args, 'id')),
  },
});

function text(args: JsonObject, key: string): string {
  const value = args[key];
  if (typeof value !== 'string') throw new TypeError(`the journal entry has no ${key}`);
  return value;
}
