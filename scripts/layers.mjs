// The bundle is several files, each with a code cache of its own: a command reads and deserialises what it
// needs, not all there is. A layer's modules use those of the layers before it, and each module is in one only.
import { relative } from 'node:path';

/**
 * In the order of dependence, with the modules that are imported at run time and draw the others in: a module is
 * in the first layer one of whose roots imports it, at any depth, statically. What none draws in is in the last.
 */
const ROOTS = {
  /** The parser, the command that is used most, and what others need that only read the state. */
  start: [
    'cli/command-line.ts',
    'cli/commands/ps.ts',
    'cli/commands/version.ts',
    'cli/output.ts',
    'core/config/parse/duration.ts',
    'core/plugin/error.ts',
    'core/state/find.ts',
  ],
  /** What `inspect` has in common with a launch. */
  common: [
    'core/config/run-options.ts',
    'core/kernel/signals.ts',
    'core/plugin/limits.ts',
    'core/plugin/volume-name.ts',
  ],
  inspect: ['cli/commands/inspect.ts'],
  logs: ['cli/commands/logs.ts'],
  /** A container without a network of its own, from its options to its end. */
  launch: [
    'cli/commands/run.ts',
    'cli/engine.ts',
    'core/engine/explained.ts',
    'core/image/staging.ts',
    'core/plugin/index.ts',
    'plugins/builtins.ts',
    'plugins/cgroup-v1/index.ts',
    'plugins/cgroup-v2/index.ts',
    'plugins/mounts/index.ts',
    'plugins/namespaces/index.ts',
    'plugins/net-none/index.ts',
    'plugins/sandbox/index.ts',
    'plugins/security-none/index.ts',
    'plugins/storage-overlay/index.ts',
    'plugins/user-map/index.ts',
  ],
  /** The other daily commands. */
  daily: [
    'cli/commands/attach.ts',
    'cli/commands/create.ts',
    'cli/commands/exec.ts',
    'cli/commands/image.ts',
    'cli/commands/kill.ts',
    'cli/commands/rm.ts',
    'cli/commands/start.ts',
    'cli/commands/stats.ts',
    'cli/commands/stop.ts',
    'cli/commands/wait.ts',
    'cli/exec.ts',
    'cli/report-error.ts',
    'cli/usage-error.ts',
    'core/containers/followed-log.ts',
    'core/containers/remove.ts',
    'core/containers/signal.ts',
    'core/containers/start.ts',
    'core/containers/stats.ts',
    'core/containers/stop.ts',
    'core/containers/wait.ts',
    'core/explain/index.ts',
    'plugins/net-bridge/index.ts',
    'plugins/storage-copy/index.ts',
  ],
  rest: [],
};

export const LAYERS = Object.keys(ROOTS);

/** Which module is in which layer, and which of them other layers ask for. */
export class Layering {
  #layers = new Map();
  #inputs;

  /** @param inputs of esbuild's metafile of everything in one */
  constructor(inputs) {
    this.#inputs = inputs;
    for (const [layer, roots] of Object.entries(ROOTS)) for (const root of roots) this.#draw(root, layer);
    for (const file of Object.keys(inputs)) if (isLayered(file)) this.#draw(file, LAYERS.at(-1));
  }

  /** What a module is called from other layers. */
  specifier(file) {
    return `tsbox:${this.#layers.get(file)}/${file}`;
  }

  /** Those of a layer that others import. */
  shared(layer) {
    const shared = new Set();
    for (const [file, { imports }] of Object.entries(this.#inputs)) {
      for (const { path, external } of imports) {
        if (!external && this.#layers.get(path) === layer && this.#layers.get(file) !== layer) shared.add(path);
      }
    }
    return [...shared].sort();
  }

  /** An esbuild plugin that leaves out of a layer what is in another. */
  plugin(layer) {
    return {
      name: 'layers',
      setup: (build) => {
        const { absWorkingDir } = build.initialOptions;
        build.onResolve({ filter: /./ }, ({ path, importer, kind, namespace }) => {
          if (namespace !== 'file') return undefined;
          const file = this.#imported(relative(absWorkingDir, importer), path, kind);
          if (file === undefined || this.#layers.get(file) === layer) return undefined;
          return { path: this.specifier(file), external: true };
        });
      },
    };
  }

  #imported(importer, path, kind) {
    const found = this.#inputs[importer]?.imports.find((each) => each.original === path && each.kind === kind);
    if (!found || found.external || !isLayered(found.path)) return undefined;
    return found.path;
  }

  #draw(file, layer) {
    if (!this.#inputs[file]) throw new Error(`scripts/layers.mjs: there is no ${file}`);
    if (this.#layers.has(file)) return;
    this.#layers.set(file, layer);
    for (const { path, kind, external } of this.#inputs[file].imports)
      if (!external && kind !== 'dynamic-import' && isLayered(path)) this.#draw(path, layer);
  }
}

/** What esbuild's plugins make up holds no state, and is in every layer that uses it. */
function isLayered(file) {
  return !/^[\w-]+:|^</.test(file);
}
