import type { Command } from 'commander';
import { withCidFile } from '../cid-file.js';
import type { Finish } from '../command.js';
import { print } from '../output.js';
import { addRunOptions } from '../run-options.js';
import { readRunRequest } from '../run-request.js';

export function define(command: Command, finish: Finish): void {
  addRunOptions(command).action(async (image: string, args: string[], _options: object, parsed: Command) => {
    const { engine, spec, cidFile } = await readRunRequest(image, args, parsed);
    const { id } = await withCidFile(cidFile, () => engine.create(spec));
    await engine.close();
    print(`${id}\n`);
    finish(0);
  });
}
