import type { Command } from 'commander';
import { withCidFile } from '../cid-file.js';
import type { Finish } from '../command.js';
import { runForeground } from '../foreground.js';
import { addRunOptions } from '../run-options.js';
import { type RunRequest, readRunRequest } from '../run-request.js';
import { traced } from '../traced.js';

export function define(command: Command, finish: Finish): void {
  addRunOptions(command).action(async (image: string, args: string[], _options: object, parsed: Command) => {
    const request = await readRunRequest(image, args, parsed);
    finish(await traced(request, runner(request)));
  });
}

function runner(request: RunRequest): (request: RunRequest) => Promise<number> {
  if (request.detach) return runDetached;
  return isWatched(request) ? runWatched : runForeground;
}

/** Prints the id, and nothing else. */
async function runDetached({ engine, spec, cidFile, onTrace }: RunRequest): Promise<number> {
  const { print } = await import('../output.js');
  try {
    const { id } = await withCidFile(cidFile, () =>
      engine.runWatched(spec, { patienceMs: 100, ...(onTrace && { onTrace }) }),
    );
    print(`${id}\n`);
    return 0;
  } finally {
    await engine.close();
  }
}

/** In the foreground, and still not ours: it may be left running, or start again. */
function isWatched({ spec, interactive }: RunRequest): boolean {
  return spec.restart.policy !== 'no' || (spec.tty && interactive);
}

async function runWatched(request: RunRequest): Promise<number> {
  const { runAttached } = await import('../attached.js');
  return runAttached(request);
}
