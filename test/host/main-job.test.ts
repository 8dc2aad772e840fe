import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect } from 'vitest';
import { runCli } from '../support/run-cli.js';
import { skipUnless } from '../support/skip.js';
import { tempRoot } from '../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip');
const { root, runroot, flags } = tempRoot();

/** Runs a script in a container of the machine's own root. */
function sh(script: string, ...more: string[]) {
  return runCli([...flags, 'run', '--rm', '--storage=overlay', ...more, 'host', 'sh', '-c', script]);
}

describe('tsbox run --network=bridge --storage=overlay host', () => {
  it('starts a real container, and gives what its command gave', async () => {
    const script = 'echo hello from $$; hostname; ip -4 addr show eth0; exit 42';
    const { status, stdout, stderr } = await sh(script, '--network=bridge');
    expect([status, stderr]).toEqual([42, '']);
    const [hello, name] = stdout.split('\n');
    expect(hello).toBe('hello from 1');
    expect(name).toMatch(/^[0-9a-f]{12}$/);
    expect(stdout).toMatch(/inet (10|172|192)\.[\d.]+\/\d+ .*scope global eth0/);
  });

  it('sees its own processes only', async () => {
    const { stdout } = await sh('ps -e -o comm=', '--network=none');
    expect(stdout.split('\n').map((line) => line.trim())).toEqual(['sh', 'ps', '']);
  });

  it('sees no message queue of the host', async () => {
    const id = /\d+/.exec(execFileSync('ipcmk', ['-Q'], { encoding: 'utf8' }))?.[0] as string;
    try {
      expect(readFileSync('/proc/sysvipc/msg', 'utf8').trim().split('\n').length).toBeGreaterThan(1);
      const { stdout } = await sh('cat /proc/sysvipc/msg | wc -l; ipcs -q | grep -c 0x', '--network=none');
      expect(stdout).toBe('1\n0\n');
    } finally {
      execFileSync('ipcrm', ['-q', id]);
    }
  });

  it('cannot be seen outside: neither its mounts nor its host name', async () => {
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');
    const before = [mounts(), hostname()];
    // --cap-add, or neither would be allowed at all.
    const script = 'mount -t tmpfs inside /mnt && hostname changed && hostname && touch /mnt/file && ls /mnt';
    const { stdout } = await sh(script, '--network=none', '--cap-add=SYS_ADMIN');
    expect(stdout).toBe('changed\nfile\n');
    expect([mounts(), hostname()]).toEqual(before);
  });

  it("leaves the host's files when it removes its own", async () => {
    const before = readdirSync('/usr/share/doc').length;
    const { stdout } = await sh(
      'rm -rf /usr/share/doc && ls -d /usr/share/doc; echo new > /etc/tsbox-test && cat /etc/tsbox-test',
      '--network=none',
    );
    expect(stdout).toBe('new\n');
    expect(readdirSync('/usr/share/doc').length).toBe(before);
    expect(existsSync('/etc/tsbox-test')).toBe(false);
  });

  it('is printed by plan, which changes nothing', async () => {
    const files = () => [root, runroot].flatMap((path) => readdirSync(path, { recursive: true, encoding: 'utf8' }));
    const before = files();
    const { status, stdout } = await runCli([
      ...flags,
      'plan',
      '--network=bridge',
      '--storage=overlay',
      'host',
      'true',
    ]);
    expect(status).toBe(0);
    for (const line of [
      /engine +storage-overlay +mkdir/,
      /launcher +engine +clone3/,
      /child +mounts +pivot_root/,
      /child +engine +execve .*true/,
    ])
      expect(stdout).toMatch(line);
    // The leak fixture compares the rest of the host.
    expect(files()).toEqual(before);
  });
});
