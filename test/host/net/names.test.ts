import { afterAll, beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { makeBench, ping } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

describe('names of containers on one network', () => {
  const bench = makeBench();
  const { tsbox, done, start, inside, clear } = bench;
  const names = (container: string) => inside(container, 'sed -n "/^# names/,/^# end/p" /etc/hosts | grep -v "^#"');
  beforeAll(async () => {
    await done('network', 'create', 'back');
    await start('early', '--network=back');
  });
  afterAll(clear);

  it('resolve in both directions, whoever came first; by name, short id and alias', async () => {
    const id = await start('late', '--network=back', '--network-alias=db', '--network-alias=store');
    for (const name of ['late', id.slice(0, 12), 'db', 'store']) {
      expect({ name, answers: await inside('early', ping(name)) }).toEqual({ name, answers: 'yes' });
    }
    expect(await inside('late', ping('early'))).toBe('yes');
    expect(await inside('late', ping('db'))).toBe('yes');
    expect(await inside('early', 'nc -w 2 late 1 < /dev/null 2>&1')).not.toContain('bad address');
    await done('rm', '-f', 'late');
  });

  it('are gone with the container, and come back with it', async () => {
    await start('fleeting', '--network=back');
    expect(await inside('early', ping('fleeting'))).toBe('yes');
    await done('stop', 'fleeting');
    expect(await inside('early', 'ping -c1 fleeting 2>&1')).toContain("bad address 'fleeting'");
    expect(await names('early')).not.toContain('fleeting');
    await done('start', 'fleeting');
    expect(await inside('early', ping('fleeting'))).toBe('yes');
    await done('rm', '-f', 'fleeting');
  });

  it('are known to the first process from its beginning', async () => {
    const script = `${ping('early')}; cat /etc/hosts`;
    const { stdout } = await tsbox('run', '--rm', '--network=back', '--name=quick', bench.image, 'sh', '-c', script);
    expect(stdout).toMatch(/^yes\n[\s\S]*\tquick [0-9a-f]{12}\n/);
  });

  it('leave alone what the container wrote to its file', async () => {
    await inside('early', 'echo "192.0.2.1 mine" >> /etc/hosts');
    await start('other', '--network=back');
    expect(await inside('early', 'cat /etc/hosts')).toMatch(/\tother [\s\S]*192\.0\.2\.1 mine/);
    await done('rm', '-f', 'other');
    expect(await inside('early', 'cat /etc/hosts')).toContain('192.0.2.1 mine');
  });

  it('follow a container that is renamed', async () => {
    await start('before', '--network=back', '--network-alias=same');
    await done('rename', 'before', 'after');
    expect(await inside('early', ping('after'))).toBe('yes');
    expect(await inside('early', ping('same'))).toBe('yes');
    expect(await inside('early', 'ping -c1 before 2>&1')).toContain("bad address 'before'");
    await done('rm', '-f', 'after');
  });

  it('of one that spoils its own file still reach the others', async () => {
    await start('spoiler', '--network=back');
    await inside('spoiler', 'dd if=/dev/zero of=/etc/hosts bs=1M count=2 2>/dev/null');
    const { status, stderr } = await tsbox(
      'run',
      '-d',
      '--name=witness',
      '--network=back',
      bench.image,
      'sleep',
      '600',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: \/etc\/hosts of container [0-9a-f]{12} could not be brought up to date/);
    expect(await inside('early', ping('witness'))).toBe('yes');
    await done('rm', '-f', 'spoiler', 'witness');
    expect(await names('early')).toMatch(/^\S+\tearly [0-9a-f]{12}$/);
  });

  it('do not resolve on the default network, where an alias is refused', async () => {
    await start('plain');
    await start('other');
    expect(await inside('plain', 'ping -c1 other 2>&1')).toContain("bad address 'other'");
    const { status, stderr } = await tsbox('run', '--rm', '--network-alias=x', bench.image, 'true');
    expect({ status, stderr }).toMatchObject({ status: 125, stderr: expect.stringContaining('tsbox network create') });
    await done('rm', '-f', 'plain', 'other');
  });

  it('are those of each network that a container is on', async () => {
    await done('network', 'create', 'front');
    await start('edge', '--network=front');
    await start('middle', '--network=back');
    await done('network', 'connect', 'front', 'middle', '--alias', 'api');
    expect(await inside('edge', ping('api'))).toBe('yes');
    expect(await inside('middle', ping('edge'))).toBe('yes');
    expect(await inside('middle', ping('early'))).toBe('yes');
    expect(await names('edge')).not.toContain('early');
    await done('network', 'disconnect', 'front', 'middle');
    expect(await names('edge')).not.toContain('middle');
    expect(await names('middle')).not.toContain('edge');
    await done('rm', '-f', 'edge', 'middle');
  });
});
