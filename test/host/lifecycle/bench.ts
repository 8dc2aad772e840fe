import { beforeAll } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { type CliOptions, runCli } from '../../support/run-cli.js';
import { tempRoot } from '../../support/temp-root.js';

/** A state of its own with an image, and tsbox in short: `await done('stop', 'web')`. */
export function lifecycleBench() {
  const state = tempRoot();
  const image = `${state.directory}/image`;
  beforeAll(() => void busyboxImage(image));
  const tsbox = (args: readonly string[], options: CliOptions = {}) => runCli([...state.flags, ...args], options);
  /** Its output, without the last newline. @throws with what it said when its status is not 0 */
  const done = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await tsbox(args);
    if (status !== 0) throw new Error(`tsbox ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
    return stdout.trimEnd();
  };
  /** `run -d` of a script for sh. @returns the id */
  const detached = (flags: readonly string[], script: string): Promise<string> =>
    done('run', '-d', '--network=none', ...flags, image, 'sh', '-c', script);
  return { ...state, image, tsbox, done, detached };
}

/** Waits until a look finds something. */
export async function eventually<Found>(look: () => Found | undefined | Promise<Found | undefined>): Promise<Found> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`it did not happen: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
