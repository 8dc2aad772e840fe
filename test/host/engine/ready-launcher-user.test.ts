import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'userns', 'overlay', 'busybox');
const user = { uid: 4321, gid: 4321 };

describe('a warm engine of an ordinary user', () => {
  const { directory, root, runroot } = tempRoot(user);
  const image = join(directory, 'image');
  beforeAll(() => {
    busyboxImage(image);
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, image]);
  });

  /** A program that prints what it finds, as JSON. */
  function run(body: string): unknown {
    const source = `
      import { createEngine } from ${JSON.stringify(`${REPOSITORY}/dist/index.js`)};
      import { readdirSync, readFileSync } from 'node:fs';
      const engine = await createEngine(${JSON.stringify({ root, runroot, network: 'none' })});
      const sh = async (script, more = {}) => {
        const box = await engine.run({ image: ${JSON.stringify(image)}, command: ['sh', '-c', script], ...more });
        return (await box.result()).stdout;
      };
      const stat = (pid) => { try { return readFileSync('/proc/' + pid + '/stat', 'utf8'); } catch { return ''; } };
      const children = () => readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)
        && stat(pid).split(') ')[1]?.split(' ')[1] === String(process.pid)).map((pid) => stat(pid).split(/[()]/)[1]);
      const found = [];
      ${body}
      await engine.close();
      found.push(children());
      console.log(JSON.stringify(found));`;
    const args = ['--input-type=module', '--eval', source];
    const env = { PATH: process.env.PATH, HOME: directory };
    return JSON.parse(execFileSync(process.execPath, args, { ...user, env, cwd: directory, encoding: 'utf8' }));
  }

  it('has launches that work, each with streams and ids of its own, and leaves no process', () => {
    const found = run(`
      for (let i = 0; i < 4; i++) found.push(await sh('id -u; hostname | wc -c; echo ' + i));
      found.push(await sh('tty', { tty: true }));
      found.push(await Promise.all(Array.from({ length: 8 }, (_, i) => sh('echo ' + i))));`);
    const texts = [0, 1, 2, 3].map((i) => `0\n13\n${i}\n`);
    const many = Array.from({ length: 8 }, (_, i) => `${i}\n`);
    expect(found).toEqual([...texts, '/dev/pts/0\r\n', many, []]);
  });

  it('has no launcher that waits where the container stays in the cgroups of its engine', () => {
    const found = run(`
      for (let i = 0; i < 3; i++) await sh('true', { resources: 'none' });
      found.push(children());`);
    expect(found).toEqual([[], []]);
  });
});
