import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installPackage } from '../support/installed-package.js';
import { finished, REPOSITORY, runCli } from '../support/run-cli.js';
import { skipUnless } from '../support/skip.js';
import { tempDirectory, tempRoot } from '../support/temp-root.js';

const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, text = '']) => ({ kind, text }));
const commands = blocks.filter(({ kind }) => kind === 'sh').flatMap(({ text }) => text.trim().split('\n'));

/** This very run is in a checkout where `npm ci` was done, and is itself `npm test`. */
const DONE_ALREADY = /^npm ci && (?=npx)|^npm ci && npm test$/;

const { root, runroot, flags } = tempRoot();
const { describe: describeRoot } = skipUnless('root', 'script', 'overlay', 'nft');

describe('the README', () => {
  it('begins with the two commands', () => {
    expect(commands[0]).toBe('npm ci && npx tsbox run --rm -it --network=bridge --storage=overlay host sh');
    expect(commands).toContain('npm ci && npm test');
  });

  it.each([...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path as string))(
    'links to %s, which is there',
    (path) => {
      expect(() =>
        readFileSync(join(REPOSITORY, path.endsWith('.md') || path === 'LICENSE' ? path : `${path}/README.md`)),
      ).not.toThrow();
    },
  );
});

describeRoot('each command of the README', () => {
  const runnable = commands
    .map((command) => command.replace(DONE_ALREADY, ''))
    .filter((command) => /^npx tsbox/.test(command));

  it.each(runnable)('%s', async (command) => {
    const terminal = / -it /.test(command);
    const argv = terminal ? ['script', '-qefc', command, '/dev/null'] : ['sh', '-c', command];
    const env = { ...process.env, TSBOX_ROOT: root, TSBOX_RUNROOT: runroot };
    const child = spawn(argv[0] as string, argv.slice(1), { cwd: REPOSITORY, env, stdio: 'pipe' });
    child.stdin.end(terminal ? 'echo in pid $$; exit\n' : '');
    const { status, stdout, stderr } = await finished(child, [command]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(stdout).toContain(terminal ? 'in pid 1' : '');
  });
});

describeRoot('the code in the README', () => {
  const directory = installPackage(join(tempDirectory(), 'project'));
  const block = (start: string) => {
    const found = blocks.find(({ text }) => text.startsWith(start));
    if (!found) throw new Error(`the README has no block that begins with ${start}`);
    return found.text;
  };

  it('the use as a library', async () => {
    const code = block('import { createEngine }').replace(
      'createEngine({',
      `createEngine({ ...${JSON.stringify({ root, runroot })},`,
    );
    // Node 20 does not know `await using`, TypeScript does.
    const esbuild = join(REPOSITORY, 'node_modules/.bin/esbuild');
    const args = ['--loader=ts', '--target=node20', '--format=esm'];
    const lowered = execFileSync(esbuild, args, { input: `${code}console.log(exitCode, stdout);` });
    writeFileSync(join(directory, 'library.mjs'), lowered);
    const child = spawn(process.execPath, ['library.mjs'], { cwd: directory, stdio: 'pipe' });
    expect(await finished(child)).toEqual({ status: 0, stdout: '0 hello\n\n', stderr: '' });
  });

  it('the configuration and the plugin that it names', async () => {
    writeFileSync(join(directory, '.tsboxrc.yaml'), block('storage: overlay'));
    writeFileSync(join(directory, 'corporate-ca.ts'), block('import { definePlugin }'));
    const { status, stdout, stderr } = await runCli([...flags, 'plan', 'host', 'true'], { cwd: directory });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/corporate-ca.*\/etc\/corp\.pem/);
  });
});
