import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { type CliResult, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { madeByTsbox, makeBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

const RUNS = 200;
const AT_ONCE = 20;
const POOL = 13;
const ASKING = 64;

/** Seconds since the machine started, which no clock that is set changes. */
const NOW = "cut -d' ' -f1 /proc/uptime";

describe('many at once on one network', () => {
  const { done, clear, image, flags, runroot } = makeBench();
  const PRINT = "ip -o -4 address show eth0 | sed 's/.*inet //; s/ .*//'";
  const nothingLeft = () => {
    expect(madeByTsbox()).toEqual([]);
    expect(existsSync(`${runroot}/net`)).toBe(false);
  };

  it(`${RUNS} runs from separate processes: no failure, no address twice at one time, nothing left`, async () => {
    const holders = new Map<string, number>();
    let twice = 0;
    const results: CliResult[] = [];
    let next = 0;
    const worker = async () => {
      while (next++ < RUNS) {
        const result = await runCli([
          ...flags,
          'run',
          '--rm',
          image,
          'sh',
          '-c',
          `${PRINT}; ${NOW}; usleep 300000; ${NOW}`,
        ]);
        results.push(result);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(results.filter(({ status, stderr }) => status !== 0 || stderr !== '')).toEqual([]);
    const spans = results.map(({ stdout }) => stdout.trim().split('\n'));
    for (const [address = ''] of spans) holders.set(address, (holders.get(address) ?? 0) + 1);
    // Two that had one address must not have been alive at one time.
    for (const [index, [address, from, to]] of spans.entries()) {
      const others = spans.slice(index + 1).filter(([other]) => other === address);
      twice += others.filter(([, begin, end]) => Number(begin) < Number(to) && Number(from) < Number(end)).length;
    }
    expect(twice).toBe(0);
    expect(results.length).toBe(RUNS);
    // They did run at the same time.
    expect(holders.size).toBeGreaterThan(AT_ONCE / 4);
    nothingLeft();
  }, 240_000);

  it(`of ${ASKING} that ask a pool of ${POOL}, exactly ${POOL} have an address, and the pool is whole after`, async () => {
    // /28: sixteen, less network, gateway and broadcast.
    await done('network', 'create', '--subnet', '198.51.100.0/28', 'narrow');
    const names = Array.from({ length: ASKING }, (_, index) => `asker${index}`);
    const ask = (name: string) =>
      runCli([...flags, 'run', '-d', '--name', name, '--network=narrow', image, 'sleep', '600']);
    const asked: CliResult[] = [];
    for (let at = 0; at < ASKING; at += 16) asked.push(...(await Promise.all(names.slice(at, at + 16).map(ask))));
    const served = names.filter((_, index) => asked[index]?.status === 0);
    const refused = asked.filter(({ status }) => status !== 0);
    expect(served.length).toBe(POOL);
    expect(refused.every(({ status, stderr }) => status === 125 && stderr.includes('ERR_TSBOX_NO_ADDRESS'))).toBe(true);
    const [{ Containers }] = JSON.parse(await done('network', 'inspect', 'narrow'));
    const addresses = Object.values(Containers as Record<string, { IPv4Address: string }>).map(
      (each) => each.IPv4Address,
    );
    expect(new Set(addresses).size).toBe(POOL);
    await done('rm', '-f', ...served);
    nothingLeft();
    const again = await Promise.all(names.slice(0, POOL).map(ask));
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 0));
    await clear();
    nothingLeft();
  }, 240_000);
});
