import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const SECRET = 'correct-horse-battery-staple';
const { directory, root, runroot, flags } = tempRoot();
const { describe: describeRoot } = skipUnless('root', 'overlay');

/** Only the directory's owner reads it, whoever the container runs as. */
const file = join(directory, 'token.txt');
writeFileSync(file, SECRET);
chmodSync(file, 0o600);

const token = `id=token,src=${file}`;
const run = (options: readonly string[], script: string) =>
  runCli([...flags, 'run', '--rm', '--network=none', ...options, 'host', 'sh', '-c', script]);

/** Files of the state that have the secret's text in them. */
function leaks(): string {
  try {
    return execFileSync('grep', ['-rlaF', SECRET, root, runroot], { encoding: 'utf8' });
  } catch {
    return ''; // grep found nothing
  }
}

describeRoot('a secret', () => {
  it.each([
    ['root', []],
    ['an ordinary user', ['--user=1000:1000']],
    ['root of a user namespace', ['--userns=auto']],
    ['a user in a range of ids', ['--userns=100000:100000:65536', '--user=33']],
    ['a user of a read-only root', ['--read-only', '--user=33']],
    ['a user without capabilities', ['--cap-drop=ALL', '--user=33']],
  ])('is read by %s, who can not write it', async (_, options) => {
    const elsewhere = `id=key,src=${file},target=/opt/deep/key.pem,mode=0440,env=KEY`;
    const script =
      'cat /run/secrets/token; echo; cat $KEY; echo; stat -c %a /run/secrets/token $KEY; ' +
      '(echo x > /run/secrets/token) 2>/dev/null || echo no; (echo x > $KEY) 2>/dev/null || echo no';
    const { stdout, stderr, status } = await run([`--secret=${token}`, `--secret=${elsewhere}`, ...options], script);
    expect({ status, stderr, stdout }).toMatchObject({ status: 0, stdout: `${SECRET}\n${SECRET}\n400\n440\nno\nno\n` });
  });

  it('is nowhere but in the container while that runs, restarts and is looked at', async () => {
    const script = 'test -s /run/secrets/token && echo ran; sleep 100';
    const started = await runCli([
      ...flags,
      'run',
      '-d',
      '--network=none',
      `--secret=${token}`,
      'host',
      'sh',
      '-c',
      script,
    ]);
    expect(started).toMatchObject({ status: 0 });
    const id = started.stdout.trim();
    await expect.poll(async () => (await runCli([...flags, 'logs', id])).stdout, { timeout: 20_000 }).toBe('ran\n');
    expect(leaks()).toBe('');
    const inspected = await runCli([...flags, 'inspect', id]);
    expect(JSON.parse(inspected.stdout)[0].Tsbox.Secrets).toEqual([{ name: 'token', target: '/run/secrets/token' }]);
    expect(inspected.stdout).not.toContain(SECRET);
    expect(inspected.stdout).not.toContain(file);
    for (const command of [
      ['ps', '-a', '--no-trunc'],
      ['plan', '--network=none', `--secret=${token}`, 'host', 'true'],
    ]) {
      const { stdout, status } = await runCli([...flags, ...command]);
      expect(status).toBe(0);
      expect(stdout).not.toContain(SECRET);
      expect(stdout).not.toContain(file);
    }
    writeFileSync(file, 'another');
    await runCli([...flags, 'restart', '-t', '0', id]);
    const read = await runCli([...flags, 'exec', id, 'cat', '/run/secrets/token']);
    expect(read.stdout).toBe('another');
    writeFileSync(file, SECRET);
    await runCli([...flags, 'rm', '-f', id]);
  });

  it('that is missing, or no file, or too large, is one clear error; one that everybody can read a warning', async () => {
    const missing = await run([`--secret=id=x,src=${directory}/nosuch`], 'true');
    expect(missing.status).toBe(125);
    expect(missing.stderr).toContain(`cannot use the secret "x" (--secret): there is no file ${directory}/nosuch`);
    expect((await run(['--secret=id=x,src=/dev/null'], 'true')).stderr).toContain('it is no regular file');
    const large = join(directory, 'large');
    writeFileSync(large, Buffer.alloc(1024 ** 2 + 1), { mode: 0o600 });
    expect((await run([`--secret=id=x,src=${large}`], 'true')).stderr).toContain('a secret at most 1048576');
    const open = join(directory, 'open');
    writeFileSync(open, 'x');
    chmodSync(open, 0o644);
    const warned = await run([`--secret=id=x,src=${open}`], 'true');
    expect(warned).toMatchObject({ status: 0 });
    expect(warned.stderr).toContain('everybody on this host can read the file of the secret "x"');
  });

  it('of one name is the nearest; two with one target are refused', async () => {
    const twice = await run([`--secret=${token}`, `--secret=id=other,src=${file},target=token`], 'true');
    expect(twice.stderr).toContain('/run/secrets/token is that of the secret "token" too');
    const covered = await run([`--secret=${token}`, '--tmpfs=/run/secrets'], 'true');
    expect(covered.stderr).toContain('a secret has this target too');
  });

  it('is an option of the library', async () => {
    const engine = await createEngine({ root, runroot, network: 'none' });
    try {
      const command = ['cat', '/run/secrets/token', '/run/secrets/b'];
      const box = await engine.run({ image: 'host', command, secrets: { token: file, b: { file, mode: '0444' } } });
      expect((await box.result()).stdout).toBe(SECRET + SECRET);
    } finally {
      await engine.close();
    }
  });
});

describeRoot('an environment', () => {
  it('is run and created as the file says, flags win, and errors name the line', async () => {
    const project = join(directory, 'project');
    mkdirSync(project);
    const config = join(project, '.tsboxrc.yaml');
    writeFileSync(
      config,
      `run: { rm: true, network: none }
environments:
  one: { image: host, command: [sh, -c, 'cat /run/secrets/t; echo " $A $0"', zero], env: { A: file }, secrets: { t: ../token.txt } }
  two:
    services:
      a: { image: host, command: echo a }
      b: { image: host, command: echo b, name: mine }
`,
    );
    const tsbox = (...args: string[]) => runCli([...flags, ...args], { cwd: project });
    expect((await tsbox('run', '@one')).stdout).toBe(`${SECRET} file zero\n`);
    expect((await tsbox('run', '-e', 'A=flag', '@one')).stdout).toBe(`${SECRET} flag zero\n`);
    expect((await tsbox('run', '@two/b')).stdout).toBe('b\n');
    expect(await tsbox('run', '@two')).toMatchObject({ status: 125, stderr: expect.stringContaining('@two/a') });
    expect((await tsbox('plan', '@one')).stdout).toContain('secret t');
    expect(await tsbox('create', '@two/b')).toMatchObject({ status: 0 });
    expect((await tsbox('ps', '-a', '--format', '{{.Names}}')).stdout).toBe('mine\n');
    await tsbox('rm', 'mine');
    writeFileSync(config, 'environments:\n  one:\n    image: host\n    memory: much\n');
    const wrong = await tsbox('run', '@one');
    expect(wrong).toMatchObject({
      status: 125,
      stderr: expect.stringContaining(`environments.one.memory in ${config}:4`),
    });
  });
});
