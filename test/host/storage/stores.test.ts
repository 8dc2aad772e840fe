import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';
import { host } from '../../contract/storage-bench.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory, tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('a store', () => {
  const base = tempDirectory();
  const image = () => join(base, 'image');
  beforeAll(() => {
    busyboxImage(image());
    for (const name of ['small', 'over', 'lower', 'upper', 'work']) mkdirSync(join(base, name));
    writeFileSync(join(image(), 'large'), Buffer.alloc(8_000_000, 'x'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', join(base, 'small')]);
    const options = `lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work`;
    execFileSync('mount', ['-t', 'overlay', '-o', options, 'overlay', join(base, 'over')]);
  });
  afterAll(() => {
    for (const name of ['small', 'over']) execFileSync('umount', [join(base, name)]);
  });
  const run = (place: string, storage: string) =>
    runCli([
      `--root=${base}/${place}/root`,
      `--runroot=${base}/${place}/run`,
      'run',
      '--network=none',
      `--storage=${storage}`,
      image(),
      'true',
    ]);

  it('that is too small for a copy is left as it was, and the error names the file', async () => {
    const { status, stderr } = await run('small', 'copy');
    expect(stderr).toMatch(/cannot copy \/large of the image: .*is full.*ENOSPC.*\n.*fix: df -h/);
    expect(status).toBe(125);
    expect(readdirSync(join(base, 'small/root/containers'))).toEqual([]);
  });

  it('on an overlay is refused by the driver overlay, with the way out', async () => {
    const { status, stderr } = await run('over', 'overlay');
    expect(stderr).toMatch(/is on overlay, which cannot hold an overlay's upper directory/);
    expect(stderr).toMatch(/fix: .*--root/);
    expect(status).toBe(125);
    expect(new OverlayDriver(host, { root: join(base, 'over/missing'), runroot: base }).check()).toMatchObject({
      works: false,
    });
  });

  it('on an overlay holds copies', async () => {
    expect(await run('over', 'copy')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the driver copy', () => {
  const { flags } = tempRoot();

  it('refuses to copy the machine', async () => {
    const { status, stderr } = await runCli([...flags, 'run', '--network=none', '--storage=copy', 'host', 'true']);
    expect(stderr).toMatch(/it would copy this whole machine/);
    expect(stderr).toMatch(/fix: use --storage=overlay/);
    expect(status).toBe(125);
  });
});
