import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';
import { look, ready } from './ready.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
afterAll(async () => {
  // What killed programs left goes with the next sweep.
  await using engine = await createEngine({ root, runroot });
  await engine.gc();
  expect([...readdirSync(`${root}/containers`), ...readdirSync(`${runroot}/journal`)]).toEqual([]);
});

describe('the launcher that waits, of a program', () => {
  /** A program with a warm engine. */
  function program(body: string) {
    const source = `
      import { createEngine } from ${JSON.stringify(`${REPOSITORY}/dist/index.js`)};
      import { setPriority } from 'node:os';
      const engine = await createEngine(${JSON.stringify({ root, runroot, network: 'none' })});
      const sh = async (script, more = {}) => {
        const box = await engine.run({ image: ${JSON.stringify(image)}, command: ['sh', '-c', script], ...more });
        return (await box.result()).stdout;
      };
      await sh('true');
      await sh('true');
      ${body}`;
    const args = ['--input-type=module', '--eval', source];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data) => (text += data));
    const ended = new Promise<string>((resolve) => child.once('close', (code, signal) => resolve(`${code ?? signal}`)));
    return { child, ended, text: () => text };
  }

  it('ends when its engine is killed', async () => {
    const { child, ended, text } = program(`console.log('warm'); setInterval(() => {}, 1000);`);
    await until(() => text() === 'warm\n');
    const [waiting] = ready(child.pid);
    expect(waiting).toBeDefined();
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    await until(() => [undefined, 'Z'].includes(look(waiting?.pid as number)?.state), 1_000);
  });

  it('ends with a program that does not close its engine, and does not keep it', async () => {
    const { child, ended, text } = program(`
      const { readdirSync, readFileSync } = await import('node:fs');
      const is = (pid) => { try { return readFileSync('/proc/' + pid + '/comm', 'utf8') === 'tsbox-ready\\n'
        && readFileSync('/proc/' + pid + '/stat', 'utf8').includes(') S ' + process.pid + ' '); } catch { return false; } };
      console.log(readdirSync('/proc').find((name) => /^\\d+$/.test(name) && is(name)));`);
    child.stdin.end();
    expect(await ended).toBe('0');
    expect(text()).toMatch(/^\d+\n$/);
    await until(() => [undefined, 'Z'].includes(look(Number(text()))?.state), 1_000);
  });

  it('gives streams that are inherited', async () => {
    const { child, ended, text } = program(`await sh('cat; echo out', { stdio: 'inherit' }); await engine.close();`);
    child.stdin.end('in\n');
    expect(await ended).toBe('0');
    expect(text()).toBe('in\nout\n');
  });

  it('has the nice value that the program has now', async () => {
    const { child, ended, text } = program(`
      const nice = async () => console.log((await sh('cat /proc/self/stat')).split(') ')[1].split(' ')[16]);
      await nice();
      for (const value of [3, 7]) { setPriority(value); await nice(); }
      await engine.close();`);
    child.stdin.end();
    expect(await ended).toBe('0');
    expect(text()).toBe('0\n3\n7\n');
  });
});
