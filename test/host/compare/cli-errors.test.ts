import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay');
const state = tempRoot();
const script = join(state.directory, 'script');
writeFileSync(script, '#!/bin/sh\n');
chmodSync(script, 0o644);
const other = join(state.directory, 'other.json');
writeFileSync(other, '{ "version": 1 }');

/** One clear message: what and why on the first line, a way to mend it, the code last, nothing else. */
const MESSAGE = /^tsbox: .+: .+\n( {2}fix: .+\n)* {2}ERR_TSBOX_[A-Z_]+\n( {2}tsbox explain [a-z-]+\n)?$/;

describe('a comparison that cannot be', () => {
  it.each<[string[], RegExp]>([
    [['storage', '--drivers=overlay,cpoy'], /no storage driver "cpoy".*\n {2}fix: did you mean copy\?/],
    [['storage', '--drivers=copy,'], /a name in it is empty/],
    [['network', '--drivers=bridgee'], /no network driver "bridgee"/],
    [['storage', '--workloads=strat'], /no workload for storage "strat".*\n {2}fix: did you mean start\?/],
    [['storage', '--rounds=0'], /"0" for --rounds: it is not a whole number from 1/],
    [['storage', '--rounds=many'], /"many" for --rounds/],
    [['storage', '--warm-ups=-1'], /"-1" for --warm-ups: it is not a whole number from 0/],
    [['storage', '--image=nosuch'], /nosuch/],
    [['storage', '--image=/nosuch/image'], /\/nosuch\/image/],
    [['storage', '--workload', '/nosuch/script'], /"\/nosuch\/script" for --workload: there is no such file/],
    [['storage', '--workload', script], /for --workload: it cannot be executed\n {2}fix: chmod \+x/],
    [['storage', '--workload', '/etc'], /for --workload: it is not a file/],
    [['storage', '--json', '/nosuch/report.json'], /"\/nosuch\/report.json" for --json: ENOENT/],
    [['storage', '--html', '/etc'], /"\/etc" for --html: it is a directory/],
    [['storage', '--against', '/nosuch.json'], /\/nosuch\.json/],
    [['storage', '--against', other], /other\.json/],
    [['storage', '--nosuch'], /unknown option '--nosuch'/],
    [['strorage'], /strorage/],
  ])('compare %j is one message, and status 1, before anything is measured', async (args, about) => {
    const { status, stdout, stderr } = await runCli([...state.flags, 'compare', ...args]);
    expect(stderr).toMatch(MESSAGE);
    expect(stderr).toMatch(about);
    expect([status, stdout]).toEqual([1, '']);
  });

  it('without a kind prints its help', async () => {
    const { status, stdout, stderr } = await runCli([...state.flags, 'compare']);
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/storage [\s\S]*network [\s\S]*runtimes /);
  });
});
