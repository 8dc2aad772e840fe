import { existsSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import type { JsonObject } from '../plugin/launch.js';
import { definePlugin, type PluginDefinition, type UndoContext } from '../plugin/plugin.js';
import { liveDirectory } from '../state/live.js';
import { releaseName } from '../state/names.js';
import { removeTree } from '../state/remove-tree.js';

/** What the engine itself acquires, as a plugin like any other: its undo functions. */
export const enginePlugin: PluginDefinition = definePlugin({
  name: 'engine',
  apiVersion: 1,
  undo: {
    containerDirectory: (args, context) => removeTree(containerPath(args, context), context.gate),
    liveDirectory: (args, { runroot }) => {
      const id = text(args, 'id');
      if (!/^[0-9a-f]{64}$/.test(id)) throw new Error(`${id} is no container`);
      // Ours alone: sockets, which nobody else can make there.
      const directory = liveDirectory(runroot, id);
      if (existsSync(directory)) rmSync(directory, { recursive: true, force: true });
    },
    newVolume: async (args, { root, gate }) => {
      const { undoMaking } = await import('../volumes/undo.js');
      await undoMaking(gate, root, text(args, 'name'), text(args, 'container'));
    },
    volumeUse: async (args, { root, gate }) => {
      const { undoUse } = await import('../volumes/undo.js');
      await undoUse(gate, root, text(args, 'name'), text(args, 'container'), args.remove === true);
    },
    name: (args, { root }) => releaseName(root, text(args, 'name'), text(args, 'id')),
  },
  removals: {
    containerDirectory: (args, context) => [{ kind: 'tree', path: containerPath(args, context) }],
  },
});

/** A journal is a file that somebody may have touched: only what is ours is ever removed. */
function containerPath(args: JsonObject, { root }: UndoContext): string {
  const path = text(args, 'path');
  if (/^containers\/[0-9a-f]{64}$/.test(relative(root, path))) return path;
  throw new Error(`${path} is no container of ${root}`);
}

function text(args: JsonObject, key: string): string {
  const value = args[key];
  if (typeof value !== 'string') throw new TypeError(`the journal entry has no ${key}`);
  return value;
}
