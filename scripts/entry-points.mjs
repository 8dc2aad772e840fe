// The texts of dist/'s small files.

/** The bundle as a script whose value is a function, with the parameters of every CommonJS module, and import(). */
export function wrapped(text) {
  return `(function (exports, require, module, __filename, __dirname, tsboxImport) {${text}\n})\n`;
}

/** V8 refuses a cache of another version of itself; by this name it is not even read. */
export function cacheName(bundle) {
  return bundle.replace(/cjs$/, `${process.version}-${process.arch}.cache`);
}

/**
 * Runs the bundle once and exports what it exports. A cache is for one text only, of which V8 compares
 * no more than the length: therefore the text's hash in both names.
 */
export function loader(bundle) {
  return `'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = __dirname + '/${bundle}';
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: readCache() });
script.runInThisContext()(exports, require, module, filename, __dirname, (specifier) => import(specifier));

function readCache() {
  try {
    return readFileSync(filename.replace(/cjs$/, process.version + '-' + process.arch + '.cache'));
  } catch {
    return undefined; // built by another Node
  }
}
`;
}

/**
 * A shell script and JavaScript at once. Node 20 looks for `--env-file` behind the script's name too,
 * where it is ours or the container's, and takes NODE_OPTIONS out of that file; not behind `--`.
 */
const SHEBANG = '#!/bin/sh\n\':\' //; exec node -- "$0" "$@"';

/** CommonJS, which starts some eight milliseconds sooner than an ES module. */
export function cli() {
  return `${SHEBANG}
'use strict';
require('./load.cjs')
  .commandLine()
  .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2)))
  // Leaving at once spares Node its tidying up. Nothing is lost: on Linux it writes to all there is synchronously.
  .then((status) => process.exit(status));
`;
}

/** An ES module that exports an entry point of the bundle. */
export function facade(name, exported) {
  const before = name === 'testing' ? VITEST : '';
  return `import bundle from './load.cjs';
${before}
export const { ${exported.join(', ')} } = await bundle.${name}();
`;
}

const VITEST = `import * as vitest from 'vitest';

globalThis[Symbol.for('tsbox.vitest')] = vitest;
`;
