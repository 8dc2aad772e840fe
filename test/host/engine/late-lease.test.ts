import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeAll, expect, vi } from 'vitest';
import { type BoxOptions, createEngine, type LibraryEngine } from '../../../core/index.js';
import { RouteNetlink } from '../../../core/kernel/netlink/index.js';
import { LeaseDirectory } from '../../../plugins/net-bridge/leases.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { administrate } from '../net/internet.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'nft');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
afterEach(() => {
  vi.restoreAllMocks();
  const links = readdirSync('/sys/class/net').filter((name) => /^tsb[^0v]/.test(name));
  const left = [`${root}/containers`, `${root}/names`, `${runroot}/journal`].flatMap((path) => readdirSync(path));
  expect([...left, ...links]).toEqual([]);
});

/** One whose next launches on the bridge take their program from an earlier one, and their address during the clone. */
async function warm(): Promise<LibraryEngine> {
  const engine = await createEngine({ root, runroot, network: 'bridge' });
  for (let i = 0; i < 2; i++) await look(engine);
  return engine;
}

const script = 'ip -4 -o addr show; ip route; cat /etc/hosts; exit 3';

/** The address of eth0, which /etc/hosts and the routes agree with. */
async function look(engine: LibraryEngine, options: Partial<BoxOptions> = {}): Promise<string> {
  const box = await engine.run({ image, command: ['sh', '-c', script], ...options });
  const { stdout, stderr, status, undoErrors } = await box.result();
  expect([stderr, status, undoErrors]).toEqual(['', 3, []]);
  const address = /eth0 +inet ([\d.]+)\/\d+/.exec(stdout)?.[1] as string;
  expect(stdout).toMatch(/default via [\d.]+ dev eth0/);
  expect(stdout).toContain(`src ${address}`);
  expect(stdout).toContain(`${address}\t${box.id.slice(0, 12)}`);
  return address;
}

/** Of each lease from now on: whether the container has a name by then, which is taken while it is being cloned. */
function watchLeases(): boolean[] {
  const seen: boolean[] = [];
  const { choose } = LeaseDirectory.prototype;
  vi.spyOn(LeaseDirectory.prototype, 'choose').mockImplementation(function (this: LeaseDirectory, ...args) {
    seen.push(readdirSync(`${root}/names`).length > 0);
    return choose.apply(this, args);
  });
  return seen;
}

describe('an address that is leased while the child is at work', () => {
  it('is that of the interface, of /etc/hosts and of the routes', async () => {
    await using engine = await warm();
    const seen = watchLeases();
    const first = await look(engine);
    expect(seen).toEqual([true]);
    const asked = first.replace(/\d+$/, '77');
    expect(await look(engine, { ip: asked })).toBe(asked);
    const addresses = await Promise.all(Array.from({ length: 6 }, () => look(engine)));
    expect(new Set(addresses).size).toBeGreaterThan(1);
  });

  it('is refused as it would be before the clone', async () => {
    await using engine = await warm();
    await expect(look(engine, { ip: '192.0.2.1' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_INVALID_SPEC',
      undoErrors: [],
    });
    await look(engine);
  });

  it.each<[string, () => void]>([
    ['the bridge', () => administrate('link', 'delete', 'tsbox0')],
    ['the nft table', () => execFileSync('nft', ['delete', 'table', 'ip', 'tsbox0'])],
    ['the leases', () => rmSync(`${runroot}/net`, { recursive: true })],
  ])('is right when somebody has removed %s since the last launch', async (_, remove) => {
    await using engine = await warm();
    await using holder = await engine.run({ image, command: ['sleep', '1000'] });
    await look(engine);
    remove();
    const tables: string[] = [];
    const { createVeth } = RouteNetlink.prototype;
    vi.spyOn(RouteNetlink.prototype, 'createVeth').mockImplementation(function (this: RouteNetlink, ...ends) {
      createVeth.apply(this, ends);
      tables.push(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }));
    });
    await look(engine);
    expect(tables).toEqual([expect.stringContaining('table ip tsbox0')]);
    holder.kill();
    await holder.wait();
  });
});

describe('a child that is killed', () => {
  const killed = (pid: number) => {
    process.kill(pid, 'SIGKILL');
    while (!/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
  };

  it('before it is connected is the reason, not what becomes of its namespace', async () => {
    await using engine = await warm();
    const { createVeth } = RouteNetlink.prototype;
    vi.spyOn(RouteNetlink.prototype, 'createVeth').mockImplementation(function (this: RouteNetlink, outer, inner) {
      killed((inner.namespace as { pid: number }).pid);
      createVeth.call(this, outer, inner);
    });
    await expect(engine.run({ image, command: ['true'] })).rejects.toMatchObject({
      code: 'ERR_TSBOX_OP_FAILED',
      message: expect.stringContaining('signal 9 ended it'),
      undoErrors: [],
    });
  });

  it('after it was connected is the reason as well', async () => {
    await using engine = await warm();
    const { createVeth } = RouteNetlink.prototype;
    vi.spyOn(RouteNetlink.prototype, 'createVeth').mockImplementation(function (this: RouteNetlink, outer, inner) {
      createVeth.call(this, outer, inner);
      killed((inner.namespace as { pid: number }).pid);
    });
    await expect(engine.run({ image, command: ['true'] })).rejects.toThrow('signal 9 ended it');
  });
});
