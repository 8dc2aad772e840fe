// An esbuild plugin: Node's own modules that are slow to load are loaded at their first use, not at
// the import. A start of tsbox uses few of them, and together they cost it some ten milliseconds.
const SLOW = [
  'child_process',
  'crypto',
  'fs/promises',
  'net',
  'os',
  'readline',
  'stream',
  'stream/promises',
  'timers/promises',
  'tty',
  'worker_threads',
  'zlib',
];
const FILTER = new RegExp(`^(node:)?(${SLOW.join('|')})$`);
const NAMESPACE = 'lazy-builtin';

export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: FILTER }, ({ path, kind }) => {
      if (kind === 'dynamic-import') return undefined;
      return { path: path.replace(/^node:/, ''), namespace: NAMESPACE };
    });
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: lazyModule(path), loader: 'js' }));
  },
};

/**
 * A module without properties of its own, whose prototype fetches them. esbuild's import of a CommonJS
 * module copies own properties, which would load it, and keeps the prototype.
 */
function lazyModule(name) {
  return `
    const get = (_, key) => process.getBuiltinModule('node:${name}')[key];
    module.exports = Object.create(new Proxy({}, { get }));
  `;
}
