import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { headerBlocks } from '../../core/image/tar/header-writer.js';
import { BLOCK, padded, readHeader } from '../../core/image/tar/tar-header.js';

export const PACKAGES = 250;
/** Of one package: 12, of 28 kB together. */
const CONTENTS: readonly (readonly [name: string, size: number])[] = [
  ['LICENSE', 1100],
  ['README.md', 3000],
  ['index.d.ts', 400],
  ['index.js', 700],
  ...[200, 700, 900, 1500, 2500, 4000, 12_000].map((size, index) => [`lib/part-${index}.js`, size] as const),
];
/** With its package.json. */
export const PACKAGE_FILES = PACKAGES * (CONTENTS.length + 1);
/** Packages of a scope (`@scope-1/package-9`), and how many have none. */
const SCOPED = 5;
/** What is in the archive of a package is below this, whatever its name. */
const TOP = 'package/';
const NOBODY = { linkName: '', mode: 0o644, uid: 0, gid: 0, mtime: 0n, major: 0, minor: 0, attributes: new Map() };

/** What a package manager keeps to install from: an archive of each package. */
export function writeCache(directory: string): void {
  mkdirSync(directory);
  for (let index = 0; index < PACKAGES; index++)
    writeFileSync(join(directory, `${index}.tar`), archiveOf(nameOf(index)));
}

/** Unpacks all of them to where a program looks for them. @returns the paths of the files */
export function install(cache: string, modules: string): string[] {
  return readdirSync(cache).flatMap((archive) =>
    unpack(readFileSync(join(cache, archive)), join(modules, nameOf(Number.parseInt(archive, 10)))),
  );
}

function nameOf(index: number): string {
  return index % SCOPED === 0 ? `@scope-${index % 50}/package-${index}` : `package-${index}`;
}

function archiveOf(name: string): Buffer {
  const manifest = { name, version: '1.0.0', main: 'index.js', types: 'index.d.ts', license: 'MIT', dependencies: {} };
  const files: (readonly [string, Buffer])[] = [
    ['package.json', Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)],
    ...CONTENTS.map(([file, size]) => [file, Buffer.alloc(size, `// ${name}/${file}\n`)] as const),
  ];
  return Buffer.concat([...files.flatMap(([file, body]) => member(TOP + file, body)), Buffer.alloc(2 * BLOCK)]);
}

function member(name: string, body: Buffer): Buffer[] {
  const header = headerBlocks({ ...NOBODY, type: 'file', name, size: body.length }, body.length);
  return [header, body, Buffer.alloc(padded(body.length) - body.length)];
}

function unpack(archive: Buffer, directory: string): string[] {
  const files: string[] = [];
  const made = new Set<string>();
  for (let at = 0; ; ) {
    const header = readHeader(archive.subarray(at, at + BLOCK));
    if (!header) return files;
    const file = join(directory, header.name.slice(TOP.length));
    const below = dirname(file);
    if (!made.has(below)) mkdirSync(below, { recursive: true });
    made.add(below);
    const body = at + BLOCK;
    writeFileSync(file, archive.subarray(body, body + header.size), { mode: header.mode });
    files.push(file);
    at = body + padded(header.size);
  }
}
