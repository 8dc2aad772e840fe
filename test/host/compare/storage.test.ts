import { mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { compare, type Report, readReport } from '../../../compare/index.js';
import { createEngine } from '../../../core/index.js';
import { finished, REPOSITORY, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { type TempRoot, tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { describe, it } = skipUnless('root', 'overlay', 'script');
const TMPFS_MAGIC = 0x0102_1994;

/** Of one large file and many small ones. Nothing in it can be executed. */
function smallImage(directory: string): string {
  const image = join(directory, 'image');
  mkdirSync(join(image, 'small'), { recursive: true });
  writeFileSync(join(image, 'large'), Buffer.alloc(2 << 20, 'l'));
  for (let index = 0; index < 220; index++) writeFileSync(join(image, 'small', String(index)), `file ${index}\n`);
  return image;
}

/** A state with the tmpfs driver of the example in its configuration. */
function place() {
  const state = tempRoot();
  const file = join(state.directory, 'config.json');
  const plugins = [join(REPOSITORY, 'examples/storage-tmpfs/index.ts')];
  writeFileSync(file, JSON.stringify({ plugins }), { mode: 0o600 });
  return { ...state, image: smallImage(state.directory), flags: [...state.flags, '--config', file] };
}

/** What a comparison leaves: directories that any tsbox makes, and nothing in them. */
function leftIn({ root }: Pick<TempRoot, 'root'>): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^(containers|names|images)$/.test(name),
  );
}

const samplesOf = (report: Report, name: string) =>
  report.measurements.find((measurement) => measurement.name === name)?.samples ?? {};

describe('tsbox compare storage', () => {
  it('measures every workload under built-in drivers and one of a plugin, and keeps every sample', async () => {
    const own = place();
    const json = join(own.directory, 'report.json');
    const html = join(own.directory, 'report.html');
    const options = ['--drivers=copy,overlay,tmpfs', '--rounds=2', '--warm-ups=0', '--json', json, '--html', html];
    const command = [...own.flags, 'compare', 'storage', '--image', own.image, ...options];
    const { status, stdout, stderr } = await runCli(command, { timeout: 110_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const report = await readReport(json, 'storage');
    expect(report.candidates.map(({ name, about }) => [name, about])).toEqual([
      ['copy', 'storage-copy'],
      ['overlay', 'storage-overlay'],
      ['tmpfs', 'storage-tmpfs'],
    ]);
    expect(report).toMatchObject({ rounds: 2, warmUps: 0, subject: { image: own.image } });
    const onTmpfs = statfsSync(own.root).type === TMPFS_MAGIC;
    for (const { name, samples, missing, parameter } of report.measurements) {
      const isMissing = name === 'page-cache' && onTmpfs;
      const rounds = parameter && parameter.series !== 'start' ? 1 : 2;
      const counts = Object.entries(samples).map(([candidate, all]) => [candidate, all.length]);
      expect([name, counts, missing]).toEqual(
        isMissing
          ? [name, [], expect.anything()]
          : [name, ['copy', 'overlay', 'tmpfs'].map((candidate) => [candidate, rounds]), undefined],
      );
    }
    expect(stdout).toContain('first write to a large file of the image');
    expect(readFileSync(html, 'utf8')).toContain('<html');
    expect(report.measurements.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['small-files', 'stat', 'rename', 'unlink', 'random-write', 'random-write-rm']),
    );
    // Copies take as much as the image, each of them; layers are shared.
    const [copies] = samplesOf(report, 'disk-50').copy as [number];
    const [layers] = samplesOf(report, 'disk-50').overlay as [number];
    expect(copies).toBeGreaterThan(50 * (2 << 20));
    expect(layers).toBeLessThan(50 * (2 << 20));
    expect(leftIn(own)).toEqual([]);
  }, 120_000);

  it('makes an image of its own where none is given, and removes it', async () => {
    const own = tempRoot();
    await using engine = await createEngine({ root: own.root, runroot: own.runroot });
    const options = { drivers: ['copy', 'overlay'], rounds: 1, warmUps: 0, imageBytes: 12e6 };
    const report = await compare('storage', engine, {
      ...options,
      workloads: ['life', 'image-size', 'page-cache'],
    });
    expect(report.subject.image).toMatch(/^made for this: 12 MB/);
    const starts = report.measurements.filter(({ parameter }) => parameter?.series === 'start');
    expect(starts.map(({ parameter }) => parameter?.value)).toEqual([12, 10]);
    expect(Object.keys(samplesOf(report, 'commit'))).toEqual(['copy', 'overlay']);
    expect(leftIn(own)).toEqual([]);
  });

  it('measures a program of the user, and says why one fails', async () => {
    const own = tempRoot();
    const [good, bad] = [join(own.directory, 'good'), join(own.directory, 'bad')];
    writeFileSync(good, '#!/bin/sh\necho x > /written\n', { mode: 0o755 });
    writeFileSync(bad, '#!/bin/sh\necho no luck >&2\nexit 3\n', { mode: 0o755 });
    const flags = [...own.flags, 'compare', 'storage', '--drivers=overlay', '--rounds=2', '--warm-ups=0', '--json'];
    const { stdout } = await runCli([...flags, '--workload', good]);
    const report = JSON.parse(stdout) as Report;
    expect(report.measurements.map(({ name, samples }) => [name, samples.overlay?.length])).toEqual([
      ['command', 2],
      ['command-whole', 2],
    ]);
    const failed = await runCli([...flags, '--workload', bad]);
    expect(failed).toMatchObject({ status: 1, stderr: 'tsbox: nothing could be measured; the report says why\n' });
    expect(JSON.parse(failed.stdout).measurements[0].missing).toEqual({
      overlay: 'the command exited with 3: no luck',
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle leaves nothing', async (signal) => {
    const own = place();
    const child = startCli([...own.flags, 'compare', 'storage', '--image', own.image, '--drivers=copy,overlay']);
    const result = finished(child);
    await until(() => readdirSync(own.root).includes('containers') && containersOf(own).length > 0);
    child.kill(signal);
    const { status, stdout, stderr } = await result;
    expect({ status, stdout, stderr }).toEqual({
      ...{ status: signal === 'SIGINT' ? 130 : 143, stdout: '' },
      stderr: 'tsbox: taking everything back ...\n',
    });
    expect(leftIn(own)).toEqual([]);
  });

  it('leaves nothing when its terminal is closed, whatever it had to say there', async () => {
    const own = place();
    const options = ['--image', own.image, '--drivers=copy,overlay'];
    const terminal = startCli([...own.flags, 'compare', 'storage', ...options], { pty: true });
    const result = finished(terminal);
    await until(() => readdirSync(own.root).includes('containers') && containersOf(own).length > 0);
    terminal.kill('SIGKILL');
    await result;
    await until(() => leftIn(own).length === 0, 30_000);
  });

  it('takes back what one left that was killed', async () => {
    const own = place();
    const child = startCli([...own.flags, 'compare', 'storage', '--image', own.image, '--drivers=copy,overlay']);
    const result = finished(child);
    await until(() => readdirSync(own.root).includes('containers') && containersOf(own).length > 0);
    child.kill('SIGKILL');
    await result;
    expect(leftIn(own)).not.toEqual([]);
    const options = ['--drivers=overlay', '--workloads=start', '--rounds=1', '--warm-ups=0', '--image', own.image];
    expect(await runCli([...own.flags, 'compare', 'storage', ...options])).toMatchObject({ status: 0, stderr: '' });
    expect(leftIn(own)).toEqual([]);
  });
});

const containersOf = ({ root }: Pick<TempRoot, 'root'>): string[] => readdirSync(join(root, 'containers'));
