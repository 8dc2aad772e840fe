// Sources to text: what esbuild is asked for. build.mjs decides what becomes of it.
import { fileURLToPath } from 'node:url';
import { LAYERS, Layering } from './layers.mjs';
import { lazyBuiltins } from './lazy-builtins.mjs';
import { withLazyExports } from './lazy-exports.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** Native; or big and only for a configuration file in TypeScript, or for where its values stand; or the user's own. */
const EXTERNAL = ['koffi', 'jiti', 'yaml', '@babel/parser', 'typescript', 'vitest'];
/** The bundle is CommonJS, because V8's code cache is not to be had for ES modules. */
const MODULE_URL = "const tsboxUrl = require('node:url').pathToFileURL(__filename).href;";

/** Node 20 forgets how to import from code that comes out of a cache: load.cjs does it for the bundle. */
const IMPORT = /(?<![.\w$])import\(/g;

/** Each is a module of the bundle that is evaluated when it is asked for. */
export const ENTRIES = {
  commandLine: 'cli/command-line.ts',
  index: 'core/index.ts',
  plugin: 'core/plugin/index.ts',
  compare: 'compare/index.ts',
  schema: 'core/config/json-schema.ts',
  builtins: 'plugins/builtins.ts',
  testing: 'test/contract/index.ts',
};

const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20',
  charset: 'ascii', // as Latin-1 V8 holds it in half the memory
  external: EXTERNAL,
  legalComments: 'none',
  logLevel: 'warning',
};

/** CommonJS files, which export a loader for each module that others of them, or the entry points, ask for. */
export async function bundleLayers(esbuild) {
  const { metafile } = await esbuild.build({ ...bundled(Object.values(ENTRIES)), plugins: plugins(), metafile: true });
  const layering = new Layering(metafile.inputs);
  const entries = Object.entries(ENTRIES).map(([name, file]) => [name, layering.specifier(file)]);
  const texts = await Promise.all(LAYERS.map(async (layer) => [layer, await bundleLayer(esbuild, layering, layer)]));
  return { texts: Object.fromEntries(texts), entries: Object.fromEntries(entries) };
}

async function bundleLayer(esbuild, layering, layer) {
  const files = layering.shared(layer);
  const { outputFiles } = await esbuild.build({ ...bundled(files), plugins: [layering.plugin(layer), ...plugins()] });
  const text = outputFiles[0].text.replaceAll(IMPORT, 'tsboxImport(').replaceAll('tsboxUrl', 'tsboxUrl()');
  return asciiOnly(withLazyExports(text));
}

function plugins() {
  return [lazyBuiltins, callersVitest];
}

function bundled(files) {
  const loaders = files.map((file) => `exports[${JSON.stringify(file)}] = () => require('./${file}');`);
  return {
    ...common,
    stdin: { contents: loaders.join('\n'), resolveDir: root, loader: 'js' },
    format: 'cjs',
    define: { 'import.meta.url': 'tsboxUrl' },
    // Half the text to read and to keep; names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
  };
}

/**
 * What makes a tsbox command meet faults, for the conformance suites: loaded with `node --require`, so that
 * the bundle that is tested has no switch for it. @returns its text
 */
export async function bundlePreload(esbuild) {
  const { outputFiles } = await esbuild.build({
    ...common,
    entryPoints: ['test/support/faults/preload.ts'],
    format: 'cjs',
    define: { 'import.meta.url': 'tsboxUrl' },
    banner: { js: MODULE_URL },
  });
  return outputFiles[0].text;
}

/** esbuild escapes all but comments. One wide character there would double what V8 holds of the text. */
function asciiOnly(text) {
  const ascii = text.replace(/\/\/.*$/gm, (comment) => comment.replace(/[^\0-\x7f]/g, '?'));
  const other = /^.*[^\0-\x7f].*$/m.exec(ascii);
  if (other) throw new Error(`a character that is not ASCII, and not in a comment: ${other[0]}`);
  return ascii;
}

/** The names that an entry point exports. */
export async function exportedNames(esbuild, file) {
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: [file],
    format: 'esm',
    metafile: true,
    outdir: 'out',
  });
  return Object.values(metafile.outputs)[0].exports;
}

/**
 * vitest is an ES module, which CommonJS cannot require, and there must be one of it: the facade of
 * `testing` leaves its own here (entry-points.mjs).
 */
const callersVitest = {
  name: 'callers-vitest',
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, ({ path }) => ({ path, namespace: 'callers' }));
    build.onLoad({ filter: /.*/, namespace: 'callers' }, () => ({
      contents: "module.exports = globalThis[Symbol.for('tsbox.vitest')];",
    }));
  },
};
