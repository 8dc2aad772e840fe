import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/index.js';
import type { ImageRecord } from '../image/image-record.js';
import { explainMachineError } from '../image/machine-error.js';
import { directoryName, formatImageName, type ImageName, parseImageName } from '../image/reference.js';
import { makeOnce } from '../image/staging.js';
import { imageDirectory, imagesDirectory } from '../image/store.js';
import { hasCode } from '../kernel/error.js';
import { randomBytes } from '../kernel/random.js';
import { TsboxError } from '../plugin/error.js';
import { requireContainer } from '../state/containers.js';
import { committedConfig } from './commit-config.js';
import { containersOfLayer } from './image-users.js';
import { pauseContainer, unpauseContainer } from './pause.js';
import { type StoredFiles, withStoredFiles } from './stored.js';
import { LayerCopy } from './tree/layer-copy.js';

export interface CommitOptions {
  /** `repository[:tag]`; default: the beginning of its id. */
  readonly name?: string;
  readonly author?: string;
  readonly message?: string;
  /** Instructions of a Dockerfile: `CMD ["a"]`, `ENV K=V`. */
  readonly changes?: readonly string[];
  /** Freeze a running container meanwhile; default: where its resources driver can. */
  readonly pause?: boolean;
}

export interface CommittedImage {
  /** `sha256:` and 64 hex digits. */
  readonly id: string;
  readonly name: string;
  /** What is not as asked, in words. */
  readonly warnings: readonly string[];
}

/**
 * Makes a local image of a container's file system, running or not. It is whole by itself: files that are as in
 * the image before are links to the same files of the store, so that they take no room twice, and stay when that
 * image is removed. What is mounted in the container is left out.
 * @throws TsboxError
 */
export async function commitContainer(
  engine: Engine,
  reference: string,
  options: CommitOptions = {},
): Promise<CommittedImage> {
  const what = `cannot commit container ${reference}`;
  const asked = options.name === undefined ? undefined : parseImageName(options.name);
  if (asked) refuseUsed(engine, asked, what);
  const warnings: string[] = [];
  return whilePaused(engine, reference, options.pause, warnings, () =>
    withStoredFiles(engine, reference, what, async (files) => {
      if (files.details.image.host) throw wholeMachine(what);
      const config = committedConfig(files.details, options.changes ?? []);
      const id = newId(engine, files);
      const name = asked ?? { repository: id.slice(0, 12), tag: 'latest' };
      const { author, message } = options;
      const about = { id: `sha256:${id}`, ...(author && { author }), ...(message && { comment: message }) };
      try {
        await makeImage(engine, name, files, { ...about, ...config }, warnings);
      } catch (error) {
        throw explainMachineError(what, engine.paths.root, error);
      }
      return { id: about.id, name: formatImageName(name), warnings };
    }),
  );
}

async function makeImage(
  { gate, host, paths }: Engine,
  name: ImageName,
  { trees }: StoredFiles,
  about: Pick<ImageRecord, 'config'> & Partial<ImageRecord>,
  warnings: string[],
): Promise<void> {
  const images = imagesDirectory(paths.root);
  const [whole] = trees;
  if (!whole) throw new Error('the storage driver knows no file system of it');
  const replace = () => false;
  await makeOnce(
    gate,
    images,
    imageDirectory(paths.root, name),
    `image-${directoryName(name)}`,
    async (staging) => {
      const target = join(staging, 'layer');
      mkdirSync(target);
      chmodSync(target, 0o755);
      const isLinkable = (layer: string) => layer.startsWith(`${images}/`);
      const copy = new LayerCopy(gate, host, { trees: whole, target, isLinkable });
      const size = await copy.make();
      const record: ImageRecord = { version: 1, created: new Date().toISOString(), ...size, ...about };
      writeFileSync(join(staging, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
      for (const [namespace, count] of copy.lostXattrs)
        warnings.push(`${count} extended attributes ${namespace}.* were not kept`);
    },
    replace,
  );
}

/** A container that does not run stands still by itself. */
async function whilePaused<Result>(
  engine: Engine,
  reference: string,
  pause: boolean | undefined,
  warnings: string[],
  act: () => Promise<Result>,
): Promise<Result> {
  const { state, record } = requireContainer(engine.paths.root, reference);
  if (state !== 'running' || pause === false) return act();
  try {
    await pauseContainer(engine, record.id);
  } catch (error) {
    if (pause === true || !hasCode(error, 'ERR_TSBOX_NOT_ENFORCEABLE')) throw error;
    warnings.push('the container was not paused meanwhile: its resources driver cannot');
    return act();
  }
  try {
    return await act();
  } finally {
    await unpauseContainer(engine, record.id);
  }
}

/** No two commits are the same image, even of the same container. */
function newId({ gate }: Engine, { container, details }: StoredFiles): string {
  const seed = randomBytes(gate, 32);
  return createHash('sha256')
    .update(container.record.id)
    .update(JSON.stringify(details.image))
    .update(seed)
    .digest('hex');
}

/** Containers keep the layers that they were made of: what a name means cannot be replaced under them. */
function refuseUsed(engine: Engine, name: ImageName, what: string): void {
  const directory = imageDirectory(engine.paths.root, name);
  if (!existsSync(directory)) return;
  const [user] = containersOfLayer(engine.paths.root, join(directory, 'layer'));
  if (user === undefined) return;
  throw new TsboxError('ERR_TSBOX_IN_USE', {
    what,
    why: `the image ${formatImageName(name)} is there, and container ${user} is made of it`,
    fix: ['choose another tag', `or remove that container: tsbox rm ${user}`],
  });
}

function wholeMachine(what: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what,
    why: 'its image is this machine, and a commit would copy all of it',
    fix: ['tsbox diff and tsbox cp get what it changed', 'tsbox export writes all of it'],
  });
}
