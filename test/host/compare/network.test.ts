import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { compare, type Measurement, type Report } from '../../../compare/index.js';
import { createEngine, type LibraryEngine } from '../../../core/index.js';
import macvlan from '../../../examples/net-macvlan/index.js';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';
import { madeByTsbox } from '../net/bench.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip', 'nft');

const ROUNDS = 2;
const PATHS = ['container-to-container', 'container-to-host', 'nat', 'published'];
const SET_UP = ['set-up', 'tear-down', 'set-up-beside', 'tear-down-beside'];
const ofPath = (path: string) => ['connect', 'round-trip', 'throughput'].map((what) => `${path}-${what}`);

describe('compare network', () => {
  const state = tempRoot();
  const [wire, farEnd] = [`cm${process.pid}a`, `cm${process.pid}b`];
  const ip = (...args: string[]) => execFileSync('ip', args);
  let engine: LibraryEngine;
  let report: Report;
  const measured = (name: string) => report.measurements.find((one) => one.name === name) as Measurement;
  const why = (driver: string, path: string) => ofPath(path).map((name) => measured(name).missing?.[driver]);

  beforeAll(async () => {
    // The far end of the wire is the host.
    ip('link', 'add', wire, 'type', 'veth', 'peer', 'name', farEnd);
    for (const link of [wire, farEnd]) ip('link', 'set', link, 'up');
    ip('address', 'add', '198.51.100.1/28', 'dev', farEnd);
    const options = { parent: wire, subnet: '198.51.100.0/28', gateway: '198.51.100.1' };
    engine = await createEngine({ ...state, plugins: [macvlan], pluginOptions: { 'net-macvlan': options } });
    report = await compare('network', engine, { rounds: ROUNDS, warmUps: 0 });
  });
  afterAll(async () => {
    await engine.close();
    ip('link', 'delete', wire);
  });

  it('has all drivers that work, and says why it leaves out another', () => {
    expect(report.candidates.map(({ name }) => name).sort()).toEqual([
      'bridge',
      'container',
      'host',
      'macvlan',
      'none',
    ]);
    const skipped = report.candidates.filter((candidate) => candidate.skipped !== undefined);
    expect(skipped).toMatchObject([
      { name: 'container', skipped: expect.stringContaining('name or id of a container') },
    ]);
  });

  it.each([
    ['none', SET_UP],
    ['host', [...SET_UP, ...PATHS.slice(0, 2).flatMap(ofPath)]],
    ['macvlan', [...SET_UP, ...PATHS.slice(0, 2).flatMap(ofPath)]],
    ['bridge', [...SET_UP, ...PATHS.flatMap(ofPath)]],
  ])('has a sample of each round for what %s has, and a reason for the rest', (driver, expected) => {
    const having = report.measurements.filter(({ samples }) => samples[driver] !== undefined);
    expect(having.map(({ name }) => name)).toEqual(expected);
    for (const { samples } of having) {
      expect(samples[driver]).toHaveLength(ROUNDS);
      expect(samples[driver]?.every((sample) => sample > 0)).toBe(true);
    }
    const missing = report.measurements.filter((one) => one.missing?.[driver] !== undefined);
    expect([...having, ...missing]).toHaveLength(report.measurements.length);
  });

  it('says why there is no way', () => {
    for (const path of PATHS.slice(0, 3))
      expect(new Set(why('none', path))).toEqual(new Set(['a container has no address but its loopback']));
    expect(why('host', 'nat')[0]).toMatch(/^nothing is translated/);
    // The namespace outside does not know the addresses of the wire.
    expect(why('macvlan', 'nat')[0]).toMatch(/^no answer of 198\.51\.100\.\d+ within 3 s$/);
    for (const driver of ['none', 'host', 'macvlan'])
      expect(why(driver, 'published')[0]).toMatch(/cannot publish ports/);
  });

  it('leaves nothing', async () => {
    expect(await engine.list()).toEqual([]);
    expect(madeByTsbox()).toEqual([]);
    expect(execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' })).not.toMatch(/^tsc/m);
    expect(readdirSync(state.root)).not.toContain('compare');
  });
});

describe('compare network that is interrupted', () => {
  const { root, flags } = tempRoot();

  it('takes everything back', async () => {
    const args = [...flags, 'compare', 'network', '--drivers=bridge', '--workloads=nat', '--rounds=100000', '--json'];
    const child = startCli(args);
    const end = finished(child, args);
    const links = () => execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' });
    await until(() => /^tsc\d+-\d+/m.test(links()), 40_000);
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 130, stdout: '' });
    expect(links()).not.toMatch(/^tsc/m);
    expect(madeByTsbox()).toEqual([]);
    expect(readdirSync(join(root, 'containers'))).toEqual([]);
    expect(readdirSync(root)).not.toContain('compare');
  });
});
