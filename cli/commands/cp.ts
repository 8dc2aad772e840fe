import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import {
  archiveFromContainer,
  type CopyOptions,
  copyFromContainer,
  copyToContainer,
  unpackToContainer,
} from '../../core/containers/copy/copy.js';
import type { Engine } from '../../core/engine/index.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import { openSession, warn } from '../engine.js';
import { readGlobals } from '../globals.js';
import { writeToStdout } from '../pieces.js';

interface Options {
  readonly followLink?: boolean;
  readonly archive?: boolean;
}

/** One end of a copy: a path in a container, one of the caller's, or a stream. */
type End =
  | { readonly kind: 'container'; readonly container: string; readonly path: string }
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'stream' };

export function define(command: Command, finish: Finish): void {
  command
    .usage('[OPTIONS] CONTAINER:SRC DEST|-\n       tsbox cp [OPTIONS] SRC|- CONTAINER:DEST')
    .argument('<source>', 'path, CONTAINER:PATH, or - for a tar archive on stdin')
    .argument('<destination>', 'path, CONTAINER:PATH, or - for a tar archive on stdout')
    .option('-a, --archive', 'keep owners')
    .option('-L, --follow-link', 'copy what a link that is named leads to');
  command.action(async (source: string, destination: string, given: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    const options = { ...given, onWarning: (message: string) => warn(message, globals) };
    try {
      await copy(engine, parseEnd(source), parseEnd(destination), options);
    } finally {
      await engine.close();
    }
    finish(0);
  });
}

async function copy(engine: Engine, from: End, to: End, options: CopyOptions): Promise<void> {
  if (from.kind === 'container') {
    if (to.kind === 'container') throw usage('copying between containers is not possible', 'copy to a file first');
    if (to.kind === 'local') return copyFromContainer(engine, from.container, from.path, to.path, options);
    return archiveFromContainer(engine, from.container, from.path, options, async (pieces) => {
      await writeToStdout(pieces);
    });
  }
  if (to.kind !== 'container') throw usage('neither end is in a container', 'tsbox cp CONTAINER:/path ./here');
  if (from.kind === 'local') return copyToContainer(engine, to.container, from.path, to.path, options);
  return unpackToContainer(engine, to.container, createReadStream('', { fd: 0, autoClose: false }), to.path, options);
}

/** As docker has it: a path that contains a colon is told by `/` or `.` before it. */
function parseEnd(text: string): End {
  if (text === '-') return { kind: 'stream' };
  const colon = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || colon < 0) return { kind: 'local', path: text };
  const [container, path] = [text.slice(0, colon), text.slice(colon + 1)];
  if (container === '' || container.includes('/')) return { kind: 'local', path: text };
  if (path === '') throw usage(`${text} names no path`, `${container}:/ is its root`);
  return { kind: 'container', container, path };
}

function usage(why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', { what: 'cannot copy', why, fix });
}
