import type { Command } from 'commander';
import { imageFromHost } from '../../core/image/from-host/image-from-host.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print, printError } from '../output.js';

/** `tsbox image from-host`: the name goes to stdout, what was made to stderr. */
export function defineFromHost(command: Command, finish: Finish): void {
  const fromHost = command
    .command('from-host')
    .description('make an image of programs of this machine, with the libraries that they need')
    .argument('<name>', 'name[:tag] of the image')
    .argument('<program...>', 'names or paths; the first is what the image runs');
  fromHost.action(async (name: string, programs: string[], _options: object, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine, paths } = await openSession(globals);
    const { gate, host } = engine;
    const made = await imageFromHost({ root: paths.root, name, programs, gate, host });
    if (!globals.quiet) printError(`${made.files} files, ${(made.bytes / 1e6).toFixed(1)} MB\n`);
    print(`${made.name}\n`);
    await engine.close();
    finish(0);
  });
}
