import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type LibraryEngine } from '../../core/index.js';
import type { NetworkDriver } from '../../core/plugin/index.js';
import { NODE } from '../host/net/actors.js';

export interface NetworkBench {
  /** The driver itself, for what it says of itself. */
  readonly driver: NetworkDriver;
  readonly root: string;
  readonly runroot: string;
}

const REQUESTS = [
  { request: { publish: ['8080:80'] }, needs: 'ports', flag: '-p' },
  { request: { ip: '10.209.0.9' }, needs: 'address', flag: '--ip' },
  { request: { macAddress: '02:74:00:00:00:09' }, needs: 'address', flag: '--mac-address' },
] as const;

/**
 * What every network driver must do. Containers are of the image `host` with its Node inside.
 * @param name as `--network` takes it
 */
export function describeNetworkDriver(name: string, makeBench: () => NetworkBench): void {
  describe(`network driver ${name}`, () => {
    let engine: LibraryEngine;
    let bench: NetworkBench;
    beforeAll(async () => {
      bench = makeBench();
      engine = await createEngine({ root: bench.root, runroot: bench.runroot, network: name });
    });
    afterAll(() => engine.close());

    const run = async (code: string, more: object = {}) => {
      const box = await engine.run({ image: 'host', command: [NODE, '-p', code], ...more });
      const { exitCode, stdout, stderr } = await box.result();
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      return stdout.trim();
    };

    it('says that it works here', () => {
      expect(bench.driver.check()).toMatchObject({ works: true });
    });

    it('has a namespace of its own exactly if it says so', async () => {
      const inside = await run("require('fs').readlinkSync('/proc/self/ns/net')");
      const outside = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim();
      expect(inside !== outside).toBe(bench.driver.capabilities.ownNamespace);
    });

    it('has the loopback up', async () => {
      const code =
        "new Promise(r => { const s = require('net').createServer().listen(0, '127.0.0.1', () => s.close(r)); })";
      await run(`${code}.then(() => console.log('listened')); ''`);
      expect(await run("Object.keys(require('os').networkInterfaces()).includes('lo')")).toBe('true');
    });

    it('lets an ordinary user bind port 80 and send pings in a namespace of its own', async () => {
      const read = "require('fs').readFileSync('/proc/sys/net/ipv4/' + name, 'utf8').trim()";
      const settings = await run(`['ip_unprivileged_port_start', 'ping_group_range'].map(name => ${read}).join(' ')`);
      const start = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').trim();
      const range = readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8').trim();
      expect(settings).toBe(bench.driver.capabilities.ownNamespace ? '0 0\t2147483647' : `${start} ${range}`);
    });

    for (const { request, needs, flag } of REQUESTS) {
      it(`takes ${flag} exactly if it says so, and says what to do otherwise`, async () => {
        const box = engine.run({ image: 'host', command: ['true'], ...request });
        if (bench.driver.capabilities[needs])
          return void expect(await (await box).wait()).toMatchObject({ exitCode: 0 });
        const fixes = expect.arrayContaining([`leave out ${flag}`]);
        await expect(box).rejects.toMatchObject({ code: 'ERR_TSBOX_INVALID_SPEC', fixes });
      });
    }

    it('changes nothing while a plan is made', async () => {
      const state = () =>
        ['ip -j address', 'nft -j -s list ruleset'].map((line) =>
          execFileSync('sh', ['-c', line], { encoding: 'utf8' }),
        );
      const before = state();
      const plan = await engine.plan({
        image: 'host',
        command: ['true'],
        ...(bench.driver.capabilities.ports && { publish: ['80'] }),
      });
      expect(plan.entries.length).toBeGreaterThan(10);
      expect(state()).toEqual(before);
    });
  });
}
