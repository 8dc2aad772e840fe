import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TsboxError } from '../plugin/error.js';
import type { ImageConfig } from '../plugin/image.js';

/** `image.json` of a local image. */
export interface ImageRecord {
  readonly version: 1;
  /** RFC 3339. */
  readonly created: string;
  readonly files: number;
  readonly bytes: number;
  readonly config: ImageConfig;
  /** `sha256:` and 64 hex digits; an image that was made without one has that of its record. */
  readonly id?: string;
  /** Of an image that was made of a container. */
  readonly author?: string;
  readonly comment?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `80/tcp`; says something to people, and does nothing. */
  readonly exposedPorts?: readonly string[];
}

/** The id of an image: what it is asked for by when it has lost its name. */
export function imageId(record: ImageRecord): string {
  return record.id ?? `sha256:${createHash('sha256').update(JSON.stringify(record)).digest('hex')}`;
}

/** @throws TsboxError ERR_TSBOX_IMAGE_INVALID when it cannot be read or is not such a record */
export function readImageRecord(path: string): ImageRecord {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isRecord(value)) return value;
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error), error);
  }
  throw invalid(path, 'it is not an image record of this version of tsbox');
}

function isRecord(value: unknown): value is ImageRecord {
  if (!isObject(value) || value.version !== 1 || !isObject(value.config)) return false;
  const { entrypoint, cmd, env, workdir, user } = value.config;
  const lists = [entrypoint, cmd, env].every(
    (list) => Array.isArray(list) && list.every((item) => typeof item === 'string'),
  );
  const numbers = [value.files, value.bytes].every(Number.isSafeInteger);
  return lists && numbers && [workdir, user, value.created].every((text) => typeof text === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, why: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
    what: `cannot read ${path}`,
    why,
    fix: 'remove the image and make it again: tsbox image rm NAME',
    cause,
  });
}
