import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { addressOf } from './actors.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip', 'nft');

const links = () => readdirSync('/proc/sys/net/ipv4/conf').filter((name) => name.startsWith('tsb'));
const forwarding = () =>
  readdirSync('/proc/sys/net/ipv4/conf').map((link) =>
    readFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, 'utf8'),
  );

describe('the bridge of an engine that was killed', () => {
  const { root, runroot, flags } = tempRoot();

  it('is gone after gc, while a container of another engine keeps its own', async () => {
    const before = forwarding();
    const victim = startCli([
      ...flags,
      'run',
      '--rm',
      '--network=bridge',
      '-p',
      '18095:80',
      'host',
      'sh',
      '-c',
      'echo up; sleep 60',
    ]);
    await new Promise((resolve) => victim.stdout?.once('data', resolve));
    await using engine = await createEngine({ root, runroot, network: 'bridge' });
    const box = await engine.run({ image: 'host', command: ['sleep', '60'] });
    victim.kill('SIGKILL');
    await new Promise((resolve) => victim.once('exit', resolve));
    // The container dies of its engine's end, or is killed by gc.
    await sleep(200);
    const { failures, cleaned } = await engine.gc();
    expect(failures).toEqual([]);
    expect(cleaned.length).toBe(1);
    expect(links().length).toBe(2);
    expect(await addressOf(engine, { publish: ['18095:80'] })).toBe('10.209.0.2/16');
    await box[Symbol.asyncDispose]();
    expect(links()).toEqual([]);
    expect(forwarding()).toEqual(before);
  });
});
