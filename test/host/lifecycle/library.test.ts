import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { eventually, lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox');
const { image, root, runroot, directory } = lifecycleBench();

async function text(lines: AsyncIterable<{ text: Buffer }>): Promise<string> {
  let all = '';
  for await (const line of lines) all += String(line.text);
  return all;
}

describe('the whole life of a container through the library', () => {
  it('does what the command line does', async () => {
    const engine = await createEngine({ root, runroot, network: 'none' });
    const seen: string[] = [];
    const watching = new AbortController();
    const events = (async () => {
      for await (const { action } of engine.events({ signal: watching.signal })) seen.push(action);
    })();
    const script = 'echo up; echo oops >&2; read line; echo "got $line"; echo x > /file; exec sleep 600';
    const web = await engine.runDetached({ image, name: 'web', interactive: true, command: ['sh', '-c', script] });
    expect(web.id).toMatch(/^[0-9a-f]{64}$/);
    expect(await web.summary()).toMatchObject({ name: 'web', state: 'running' });
    const attachment = await web.attach({ stdin: true });
    attachment.stdin?.write('hello\n');
    const [chunk] = await Promise.all([new Promise((resolve) => attachment.stdout.once('data', resolve))]);
    expect(String(chunk)).toBe('got hello\n');
    attachment.close();
    expect(await text(web.logs())).toBe('up\noops\ngot hello\n');
    await using command = await web.exec({ command: ['sh', '-c', 'cat /file; exit 4'] });
    expect(await command.result()).toMatchObject({ exitCode: 4, stdout: 'x\n' });
    for await (const { pids } of web.stats()) {
      expect(pids?.current).toBe(1);
      break;
    }
    await web.pause();
    expect(await web.summary()).toMatchObject({ state: 'paused' });
    await web.unpause();
    expect((await web.top()).map(({ pid }) => pid)).toHaveLength(1);
    await web.update({ pidsLimit: 20 });
    await web.stop({ timeout: 0 });
    expect(await web.wait()).toMatchObject({ exitCode: 137, oomKilled: false });
    expect(await web.diff()).toContainEqual({ kind: 'A', path: '/file' });
    await web.copyOut('/file', `${directory}/out`);
    expect(readFileSync(`${directory}/out`, 'utf8')).toBe('x\n');
    await web.start();
    await web.rename('www');
    expect((await engine.container('www')).id).toBe(web.id);
    await web.kill('SIGKILL');
    await web.wait();
    const { name } = await web.commit({ name: 'my/web' });
    expect(name).toMatch(/^my\/web/);
    await web.remove();
    expect(await engine.list()).toEqual([]);
    await using box = await engine.run({ image: 'my/web', command: ['cat', '/file'] });
    expect((await box.result()).stdout).toBe('x\n');
    await eventually(() => (seen.includes('destroy') ? true : undefined));
    watching.abort();
    await events;
    expect(seen.filter((action) => !action.startsWith('exec'))).toEqual(
      expect.arrayContaining(['create', 'start', 'pause', 'unpause', 'die', 'stop', 'rename', 'kill', 'destroy']),
    );
    await engine.close();
  });

  it('leaves a detached container running when the engine is closed', async () => {
    const engine = await createEngine({ root, runroot, network: 'none' });
    const box = await engine.runDetached({ image, command: ['sleep', '600'] });
    await engine.close();
    await sleep(100);
    await using next = await createEngine({ root, runroot });
    const again = await next.container(box.id);
    expect(await again.summary()).toMatchObject({ state: 'running' });
    await again.remove({ force: true });
    expect(existsSync(`${root}/containers/${box.id}`)).toBe(false);
  });

  it('makes a container that is started later', async () => {
    await using engine = await createEngine({ root, runroot, network: 'none' });
    const made = await engine.create({ image, command: ['true'], label: ['a=b'] });
    expect(await made.summary()).toMatchObject({ state: 'created', labels: { a: 'b' } });
    await made.start();
    expect(await made.wait()).toMatchObject({ exitCode: 0 });
    await made.remove();
  });
});
