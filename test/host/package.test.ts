import { execFile } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { installPackage } from '../support/installed-package.js';
import { REPOSITORY } from '../support/run-cli.js';
import { tempDirectory } from '../support/temp-root.js';

const run = promisify(execFile);
const directory = tempDirectory();
const dist = join(REPOSITORY, 'dist');

const installed = (name: string) => installPackage(join(directory, name));

describe('the built package', () => {
  it('exports the same classes from all of its entry points', async () => {
    const script = `
      import { createEngine, TsboxError } from 'tsbox';
      import * as plugin from 'tsbox/plugin';
      console.log(typeof createEngine, plugin.TsboxError === TsboxError, plugin.API_VERSION);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: installed('entries'),
    });
    expect(stdout).toBe('function true 1\n');
  });

  it('has a code cache for this Node, and starts without one too', async () => {
    const cache = readdirSync(dist).filter((name) => name.endsWith(`.${process.version}-${process.arch}.cache`));
    expect(cache.length).toBeGreaterThan(0);
    const copy = join(installed('uncached'), 'node_modules/tsbox/dist');
    for (const name of cache) rmSync(join(copy, name));
    const { stdout } = await run(process.execPath, [join(copy, 'cli.cjs'), 'version']);
    expect(stdout).toMatch(/^tsbox \d/);
    // What npm runs when it has installed the package.
    await run(process.execPath, [join(copy, 'warm.cjs')]);
    expect(readdirSync(copy)).toEqual(expect.arrayContaining(cache));
  });

  it('reads only the layers that a command needs', async () => {
    const copy = join(installed('layers'), 'node_modules/tsbox/dist');
    for (const name of readdirSync(copy)) if (/^tsbox-.*\.(launch|daily|rest)\./.test(name)) rmSync(join(copy, name));
    const state = ['--root', join(directory, 'state'), '--runroot', join(directory, 'runstate')];
    const { stdout } = await run(process.execPath, [join(copy, 'cli.cjs'), ...state, 'ps', '-q']);
    expect(stdout).toBe('');
  });

  it('gives a plugin of the config file the classes of the command line', async () => {
    const place = installed('plugin');
    const config = `
      import { definePlugin, TsboxError } from 'tsbox/plugin';
      const handler = () => { throw new TsboxError('ERR_TSBOX_USAGE', { what: 'ours', why: 'known', fix: 'none' }); };
      export default { plugins: [definePlugin({ name: 'mine', apiVersion: 1, hooks: { preClone: { handler } } })] };`;
    writeFileSync(join(place, 'tsbox.config.mjs'), config, { mode: 0o600 });
    const state = ['--root', join(directory, 'state'), '--runroot', join(directory, 'runstate')];
    const cli = join(place, 'node_modules/tsbox/dist/cli.cjs');
    await expect(run(process.execPath, [cli, ...state, 'plan', 'host', 'true'], { cwd: place })).rejects.toMatchObject({
      stderr: expect.stringContaining('ERR_TSBOX_USAGE'),
    });
  });

  it('starts with a cache that is damaged', async () => {
    const copy = join(installed('broken'), 'node_modules/tsbox/dist');
    for (const name of readdirSync(copy)) if (name.endsWith('.cache')) writeFileSync(join(copy, name), 'not a cache');
    const { stdout } = await run(process.execPath, [join(copy, 'cli.cjs'), 'version']);
    expect(stdout).toMatch(/^tsbox \d/);
  });
});
