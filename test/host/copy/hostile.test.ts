import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeAll, expect } from 'vitest';
import { archiveFromContainer, copyFromContainer, copyToContainer } from '../../../core/containers/copy/copy.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { commandLine, engineOf, makeContainer, STORAGES, startContainer } from './containers.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const state = tempRoot();
const tsbox = commandLine(state);
const image = join(state.directory, 'image');
/** Of the host. A container knows the path, and has nothing there. */
const secret = join(state.directory, 'secret');
const RACE_MS = 3000;

beforeAll(() => {
  busyboxImage(image);
  mkdirSync(secret);
  writeFileSync(join(secret, 'file'), 'SECRET of the host');
  writeFileSync(join(image, 'etc/only-inside'), '');
});

describe.each(STORAGES)('a container that swaps a directory for a link, with storage %s', (storage) => {
  it('has nothing of the host read or written', async () => {
    const box = `race-${storage}`;
    const swap = `mkdir -p /w/d /w/away; echo mine > /w/d/file; echo up
      while :; do mv /w/d /w/away/d; ln -s ${secret} /w/d; rm -f /w/d; mv /w/away/d /w/d; rm -f /w/d/in; done`;
    const running = await startContainer(state, box, image, swap, `--storage=${storage}`);
    const engine = engineOf(state);
    const here = join(state.directory, `race-${storage}`);
    mkdirSync(here);
    writeFileSync(join(here, 'in'), 'from the caller');
    const done = { read: 0, written: 0, failed: 0 };
    const attempt = async (kind: 'read' | 'written', act: () => Promise<void>) => {
      try {
        await act();
        done[kind]++;
      } catch (error) {
        // What was there a moment ago: nothing else may go wrong.
        expect(error).toMatchObject({ code: 'ERR_TSBOX_COPY' });
        done.failed++;
      }
    };
    try {
      for (const end = performance.now() + RACE_MS; performance.now() < end; ) {
        await attempt('read', () => copyFromContainer(engine, box, '/w/d/file', join(here, 'out')));
        await attempt('read', () => copyFromContainer(engine, box, '/w', join(here, 'tree')));
        await attempt('read', () =>
          archiveFromContainer(engine, box, '/w/d/.', {}, async (pieces) => {
            expect((await buffer(Readable.from(pieces))).includes('SECRET')).toBe(false);
          }),
        );
        await attempt('written', () => copyToContainer(engine, box, join(here, 'in'), '/w/d/in'));
        await attempt('written', () => copyToContainer(engine, box, here, '/w/d'));
        const grep = execFileSync('sh', ['-c', 'grep -rl SECRET . || true'], { cwd: here, encoding: 'utf8' });
        expect(grep).toBe('');
        rmSync(join(here, 'tree'), { recursive: true, force: true });
      }
    } finally {
      await running.stop();
      await engine.close();
    }
    expect(readdirSync(secret)).toEqual(['file']);
    expect(readFileSync(join(secret, 'file'), 'utf8')).toBe('SECRET of the host');
    expect(done.read).toBeGreaterThan(5);
    expect(done.written).toBeGreaterThan(0);
  });
});

describe('what a container left', () => {
  const links = `ln -s ${secret} /dir; ln -s ${secret}/file /file; ln -s / /root-link; ln -s ../../../..${secret} /up
    mkdir /copied; ln -s ${secret} /copied/a; mkdir /proc-link; ln -s /proc/1/root /proc-link/r; ln -s /proc/self/cwd /cwd`;
  const here = join(state.directory, 'here');
  beforeAll(async () => {
    mkdirSync(here);
    await makeContainer(state, 'links', image, links);
  });

  it.each(['/dir/file', '/file/', '/up/file', '/proc-link/r/etc/passwd', '/cwd/file'])(
    'leads nowhere: %s',
    async (path) => {
      const { status } = await tsbox('cp', '-L', `links:${path}`, join(here, 'out'));
      expect(status).toBe(1);
      expect(readdirSync(here)).not.toContain('out');
    },
  );

  it.each(['/dir/new', '/up/new', '/dir', '/root-link/dir/x'])('takes nothing outside: %s', async (path) => {
    writeFileSync(join(here, 'in'), 'in');
    await tsbox('cp', join(here, 'in'), `links:${path}`);
    expect(readdirSync(secret)).toEqual(['file']);
  });

  it('is copied without its links being followed, also into a directory that is there', async () => {
    const target = join(here, 'target');
    mkdirSync(join(target, 'copied/a'), { recursive: true });
    const { status, stderr } = await tsbox('cp', 'links:/copied', target);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('a directory is where a file') });
    expect(readdirSync(secret)).toEqual(['file']);
  });

  it('does not make an archive lead out of the directory that it is unpacked into', async () => {
    const pack = join(here, 'pack');
    mkdirSync(join(pack, 'a'), { recursive: true });
    writeFileSync(join(pack, 'a/evil'), 'evil');
    // Into /copied, where "a" is a link to a directory of the host.
    const archive = execFileSync('tar', ['-C', pack, '-c', 'a/evil']);
    const { status, stderr } = await runCli([...state.flags, 'cp', '-', 'links:/copied'], { input: archive });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('a/evil') });
    expect(readdirSync(secret)).toEqual(['file']);
  });

  it('may have marks of overlay, which are not copied', async () => {
    const marked = join(here, 'marked');
    mkdirSync(marked);
    execFileSync('setfattr', ['-n', 'trusted.overlay.opaque', '-v', 'y', marked]);
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', marked]);
    expect(await tsbox('cp', marked, 'links:/tmp')).toMatchObject({ status: 0 });
    await tsbox('cp', 'links:/tmp/marked', join(here, 'back'));
    const seen = execFileSync('getfattr', ['-m', '-', '--absolute-names', join(here, 'back')], { encoding: 'utf8' });
    expect(seen.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['user.note']);
  });
});
