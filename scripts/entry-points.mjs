// The texts of dist/'s small files.

/** A layer as a script whose value is a function: the parameters of every CommonJS module, import(), and its URL. */
export function wrapped(text) {
  return `(function (exports, require, module, __filename, __dirname, tsboxImport, tsboxUrl) {${text}\n})\n`;
}

/** V8 refuses a cache of another version of itself; by this name it is not even read. */
export function cacheName(file) {
  return file.replace(/cjs$/, `${process.version}-${process.arch}.cache`);
}

/**
 * Loads layers when something of them is asked for, and exports a loader for each entry point. A cache is for
 * one text only, of which V8 compares no more than the length: therefore the texts' hash in all names.
 */
function loading(bundle, entries, large) {
  const exported = Object.entries(entries).map(
    ([name, specifier]) => `exports.${name} = async () => take('${specifier}');`,
  );
  return `const fs = require('node:fs');
const { Script } = require('node:vm');

/** Read in one native call, which is slow for a large file. */
const UTF8 = { encoding: 'utf8', flag: 'r' };
const large = ${JSON.stringify(large)};

const layers = {};
const modules = {};
/** Node's way to a module that is loaded already is long, and a start goes it some fifty times. */
const required = { 'node:fs': fs, 'node:process': process };

/** \`tsbox:LAYER/FILE\`: a module, of which there is one however often it is asked for. */
function take(specifier) {
  const slash = specifier.indexOf('/');
  return (modules[specifier] ??= layerOf(specifier.slice(6, slash))[specifier.slice(slash + 1)]());
}

function layerOf(name) {
  return (layers[name] ??= load(name)).exported;
}

function load(name) {
  const path = __dirname + '/${bundle}.' + name;
  const filename = path + '.cjs';
  const script = new Script(fs.readFileSync(filename, large.includes(name) ? 'latin1' : UTF8), { filename, cachedData: readCache(path) });
  const own = { exports: {} };
  const url = () => require('node:url').pathToFileURL(filename).href;
  script.runInThisContext()(own.exports, requireOwn, own, filename, __dirname, importOwn, url);
  return { script, exported: own.exports };
}

function readCache(path) {
  try {
    return fs.readFileSync(path + '.' + process.version + '-' + process.arch + '.cache');
  } catch {
    return undefined; // built by another Node
  }
}

function requireOwn(specifier) {
  return specifier.startsWith('tsbox:') ? take(specifier) : (required[specifier] ??= require(specifier));
}

async function importOwn(specifier) {
  if (!specifier.startsWith('tsbox:')) return import(specifier);
  const found = take(specifier);
  return found.__esModule ? found : { ...found, default: found }; // as import() shows a CommonJS package
}

${exported.join('\n')}
/** For warm.cjs. */
exports.scriptOf = (name) => (layers[name] ??= load(name)).script;
`;
}

export function loader(bundle, entries, large) {
  return `'use strict';
${loading(bundle, entries, large)}`;
}

/**
 * A shell script and JavaScript at once. Node 20 looks for `--env-file` behind the script's name too,
 * where it is ours or the container's, and takes NODE_OPTIONS out of that file; not behind `--`.
 */
const SHEBANG = '#!/bin/sh\n\':\' //; exec node -- "$0" "$@"';

/**
 * CommonJS, which starts some eight milliseconds sooner than an ES module. It loads by itself: to find load.cjs
 * would cost one. A plugin that imports tsbox gets this one for it.
 */
export function cli(bundle, entries, large) {
  return `${SHEBANG}
'use strict';
${loading(bundle, entries, large)}
require.cache[__dirname + '/load.cjs'] = module;
exports
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
