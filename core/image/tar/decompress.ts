import { createReadStream } from 'node:fs';
import { type Duplex, pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import { TarError } from './tar-error.js';

interface Format {
  readonly name: string;
  readonly magic: string;
  /** The program that undoes it. */
  readonly program: string;
  /** Undefined where this Node cannot. */
  readonly open?: () => Duplex;
}

// zstd is in Node from 22.15 on.
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Duplex };

const FORMATS: readonly Format[] = [
  { name: 'gzip', magic: '1f8b', program: 'gzip', open: () => zlib.createGunzip() },
  {
    name: 'zstd',
    magic: '28b52ffd',
    program: 'zstd',
    ...(createZstdDecompress && { open: () => createZstdDecompress() }),
  },
  { name: 'xz', magic: 'fd377a585a00', program: 'xz' },
  { name: 'bzip2', magic: '425a68', program: 'bzip2' },
  { name: 'lz4', magic: '04224d18', program: 'lz4' },
];

/** A compression that cannot be undone here; the fix is a command. */
export class UnsupportedCompression extends TarError {
  constructor(
    readonly format: string,
    readonly program: string,
  ) {
    super(`it is compressed with ${format}, which this Node cannot read`);
  }
}

/** A file's bytes, decompressed if its first bytes say so. @throws UnsupportedCompression */
export async function* readDecompressed(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    const first = (await chunks.next()).value ?? Buffer.alloc(0);
    const format = formatOf(first);
    const raw = withFirst(first, chunks);
    if (!format) yield* raw;
    else if (!format.open) throw new UnsupportedCompression(format.name, format.program);
    else yield* decompress(raw, format.open());
  } finally {
    file.destroy();
  }
}

function formatOf(first: Buffer): Format | undefined {
  const start = first.toString('hex', 0, 8);
  return FORMATS.find(({ magic }) => start.startsWith(magic));
}

async function* withFirst(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* decompress(raw: AsyncIterable<Buffer>, through: Duplex): AsyncGenerator<Uint8Array> {
  // Errors of both sides surface where `through` is read.
  pipeline(raw, through, () => undefined);
  try {
    yield* through as AsyncIterable<Buffer>;
  } catch (error) {
    throw isZlibError(error) ? new TarError(`its compressed data is damaged or was cut: ${error.message}`) : error;
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_ZLIB|ZSTD_)/.test(String(error.code));
}
