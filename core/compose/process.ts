import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { splitWords } from '../environments/index.js';
import type { KeyReader } from './builder.js';
import { type Node, pairsOf } from './node.js';
import { readVariables } from './read.js';

export const readImage: KeyReader = (node, service) => {
  const text = node.text();
  // A directory or an archive beside the file; `name:tag` is the name of an image.
  service.image = /^\.{1,2}(\/|$)/.test(text) ? resolve(node.directory, text) : text;
  service.origins.image = node.origin;
};

export const readCommand: KeyReader = (node, service) => {
  service.command = wordsOf(node);
  service.origins.command = node.origin;
};

export const readEntrypoint: KeyReader = (node, service) => {
  service.entrypoint = wordsOf(node);
  service.origins.entrypoint = node.origin;
};

function wordsOf(node: Node): string[] {
  if (node.isList || node.isNull) return node.texts();
  try {
    return splitWords(node.text());
  } catch (error) {
    throw node.bad((error as Error).message);
  }
}

/** Variables that are named win over those of files; one without a value is the caller's. */
export const readEnvironment: KeyReader = (node, service) => {
  const pairs = pairsOf(node).flatMap(([key, value, item]) => {
    service.origins[`env.${key}`] = item.origin;
    const known = value ?? service.project.variables[key];
    return known === undefined ? [] : [`${key}=${known}`];
  });
  service.list('env', node, pairs);
};

/** Read here: compose's format has quotes, and variables in its values. */
export const readEnvFiles: KeyReader = (node, service) => {
  for (const item of node.isMap ? [node] : node.items()) {
    const path = item.isMap ? item.child('path') : item;
    if (!path) throw item.bad('it has no path');
    const format = item.isMap ? item.child('format') : undefined;
    if (format) service.unsupported(format, 'files of variables have one format');
    const file = resolve(item.directory, path.text());
    const optional = item.isMap && item.child('required')?.flag() === false;
    if (!existsSync(file) && optional) continue;
    if (!existsSync(file)) throw path.bad('there is no such file', '{ path: …, required: false } goes on without it');
    const pairs = Object.entries(readVariables(file, service.project.variables));
    service.list(
      'env',
      item,
      pairs.map(([key, value]) => `${key}=${value}`),
    );
  }
};

/** Short: the name of a secret of the file; long: with `target` and `mode`. */
export const readSecrets: KeyReader = (node, service) => {
  for (const item of node.items()) {
    const source = item.isMap ? item.child('source') : item;
    if (!source) throw item.bad('it has no source');
    const name = source.text();
    for (const [key, value] of item.isMap ? item.entries() : [])
      if (!['source', 'target', 'mode'].includes(key))
        service.unsupported(value, "a secret belongs to the container's user");
    const file = service.project.secrets.get(name);
    if (file === undefined)
      throw source.bad(`there is no secret "${name}" with a file`, 'add it below the top-level "secrets"');
    const target = item.isMap ? (item.child('target')?.text() ?? name) : name;
    service.origins[`secrets.${name}`] = item.origin;
    service.secrets.push({
      name,
      file,
      target: target.startsWith('/') ? target : `/run/secrets/${target}`,
      mode: modeOf(item.isMap ? item.child('mode') : undefined),
      origin: item.origin,
    });
  }
};

const READABLE = 0o444;

/** YAML 1.2 reads `0440` as a decimal number, and nobody means that. */
function modeOf(node: Node | undefined): number {
  if (!node) return READABLE;
  const text = node.text();
  if (/^(0o?)?[0-7]{3}$/.test(text)) return Number.parseInt(text.replace(/^0o?/, ''), 8);
  if (typeof node.content === 'number' && node.content <= 0o777) return node.content;
  throw node.bad('it is not an octal mode', 'mode: 0o440');
}
