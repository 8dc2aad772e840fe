import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../../kernel/gate.js';
import type { Host } from '../../kernel/host.js';
import { TsboxError } from '../../plugin/error.js';
import type { ImageConfig } from '../../plugin/image.js';
import { EMPTY_CONFIG } from '../image-config.js';
import type { ImageRecord } from '../image-record.js';
import { explainMachineError } from '../machine-error.js';
import { directoryName, formatImageName, type ImageName, parseImageName } from '../reference.js';
import { makeOnce } from '../staging.js';
import { imageDirectory, imagesDirectory } from '../store.js';
import { MetadataWriter } from '../unpack/entry-metadata.js';
import { TreeWriter } from '../unpack/tree-writer.js';
import { UnpackNotes } from '../unpack/unpack-notes.js';
import { HostTree } from './host-tree.js';
import { ldCache } from './ld-cache.js';
import { ProgramSet } from './programs.js';
import { addSkeleton, addTerminals } from './skeleton.js';

export interface ImageFromHostRequest {
  readonly root: string;
  readonly name: string;
  /** Names, looked up in PATH, or paths. The first is the image's command. */
  readonly programs: readonly string[];
  readonly gate: Gate;
  readonly host: Host;
  /** The image's command instead of the first program. */
  readonly cmd?: readonly string[];
  /** Where names are looked up; default: this process's PATH. */
  readonly path?: string;
}

/** How an image came out: its files and their bytes. */
export interface MadeImage {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Makes a local image of programs of this machine: each at its own path, with the loader, the
 * libraries and the interpreter that it needs, a few files of /etc, and nothing else. No program
 * is run for it. What a program opens by itself (modules, data) is not known and not copied.
 * @throws TsboxError ERR_TSBOX_USAGE, ERR_TSBOX_NAME_IN_USE, ERR_TSBOX_IMAGE_INVALID
 */
export async function imageFromHost(request: ImageFromHostRequest): Promise<MadeImage> {
  const name = parseImageName(request.name);
  if (existsSync(imageDirectory(request.root, name))) throw nameInUse(request.name);
  const programs = new ProgramSet(request.path ?? process.env.PATH);
  const found = request.programs.map((program) => programs.add(program));
  if (found[0] === undefined) {
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `cannot make the image ${request.name}`,
      why: 'no program is named',
    });
  }
  const config = { ...EMPTY_CONFIG, cmd: request.cmd ?? [found[0]] };
  try {
    const made = await build(name, programs, config, request);
    if (made) return made;
  } catch (error) {
    throw explainMachineError(`cannot make the image ${request.name}`, request.root, error);
  }
  throw nameInUse(request.name);
}

/** Undefined when somebody else made it meanwhile. */
async function build(
  name: ImageName,
  programs: ProgramSet,
  config: ImageConfig,
  request: ImageFromHostRequest,
): Promise<MadeImage | undefined> {
  const target = imageDirectory(request.root, name);
  const key = `image-${directoryName(name)}`;
  let made: MadeImage | undefined;
  await makeOnce(request.gate, imagesDirectory(request.root), target, key, async (staging) => {
    const { files, bytes } = fill(staging, programs, request);
    const record: ImageRecord = { version: 1, created: new Date().toISOString(), files, bytes, config };
    writeFileSync(join(staging, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
    made = { name: formatImageName(name), files, bytes };
  });
  return made;
}

function fill(staging: string, programs: ProgramSet, { gate, host }: ImageFromHostRequest): HostTree {
  const layer = join(staging, 'layer');
  mkdirSync(layer);
  chmodSync(layer, 0o755);
  const root = openSync(layer, 'r');
  const writer = new TreeWriter(gate, root);
  try {
    const tree = new HostTree(gate, writer, new MetadataWriter(gate, host.privileged, new UnpackNotes()));
    addSkeleton(tree);
    addPrograms(tree, programs);
    // Renames reach the disk before data: without this a power failure could leave empty programs.
    gate.call('syncfs', root);
    return tree;
  } finally {
    writer.close();
    closeSync(root);
  }
}

function addPrograms(tree: HostTree, programs: ProgramSet): void {
  const { libraries } = programs.libraries;
  for (const path of [...programs.paths, ...libraries.map(({ path }) => path)]) tree.add(path);
  if (libraries.some(({ name }) => name === 'libc.so.6')) tree.write('/etc/ld.so.cache', ldCache(libraries));
  if (libraries.some(({ name }) => /^lib(tinfo|ncurses)w?\./.test(name))) addTerminals(tree);
}

function nameInUse(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot make the image ${name}`,
    why: 'there is one of that name',
    fix: `tsbox image rm ${name}`,
  });
}
