import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refusal, specOf, specOfLayers } from './support.js';

const source = mkdtempSync(join(tmpdir(), 'tsbox-mounts-'));
afterAll(() => rmSync(source, { recursive: true }));

const volume = (text: string) => specOf({ volume: [text] }).mounts[0];
const mount = (text: string) => specOf({ mount: [text] }).mounts[0];
const tmpfs = (text: string) => specOf({ tmpfs: [text] }).mounts[0];

describe('-v', () => {
  it('binds a path, writable and with what is mounted below it', () => {
    expect(volume(`${source}:/data`)).toEqual({
      type: 'bind',
      source,
      target: '/data',
      readOnly: false,
      recursive: true,
    });
  });

  it('knows read-only and propagation', () => {
    expect(volume(`${source}:/data:ro,rslave`)).toMatchObject({
      readOnly: true,
      recursive: true,
      propagation: 'slave',
    });
    expect(volume(`${source}:/data:private`)).toMatchObject({ recursive: false, propagation: 'private' });
  });

  it('resolves a relative path where it was written', () => {
    const layer = {
      kind: 'file' as const,
      file: join(source, '.tsboxrc'),
      directory: source,
      values: { volume: ['.:/data'] },
    };
    expect(specOfLayers([layer]).mounts[0]).toMatchObject({ source });
  });

  it('normalises the target', () => {
    expect(volume(`${source}://a/../data/`)).toMatchObject({ target: '/data' });
  });

  it('a missing source is an error that says how to make it', () => {
    expect(refusal({ volume: [`${source}/no such:/data`] }).fixes).toEqual([`mkdir -p '${source}/no such'`]);
  });

  it('a name is a volume, and a path is a bind', () => {
    expect(volume('data:/data')).toEqual({
      type: 'volume',
      name: 'data',
      target: '/data',
      readOnly: false,
      noCopy: false,
    });
    expect(volume('data.1_x-y:/data:ro,nocopy')).toMatchObject({ name: 'data.1_x-y', readOnly: true, noCopy: true });
    expect(refusal({ volume: ['a:/data'] }).why).toContain('neither a path nor the name of a volume');
    expect(refusal({ volume: ['da/ta:/data'] }).fixes).toEqual(['a path starts with / or ./']);
    expect(refusal({ volume: ['data:/data:slave'] }).fixes).toEqual(['options: ro, rw, nocopy, z, Z']);
  });

  it('a path alone is an anonymous volume', () => {
    expect(volume('/data')).toEqual({ type: 'volume', target: '/data', readOnly: false, noCopy: false });
  });

  it.each([
    ':/data',
    'data',
    'data:/x:ro,rw',
    'data:/x:ro:rw',
    'data:',
    `${'/tmp'}:data`,
    '/tmp:/',
    '/tmp:/..',
    '/tmp:/x:badopt',
    '/tmp:/x:ro,rw',
    '/tmp:/x:ro:rw',
    '/tmp:/x:slave,shared',
    '/tmp:',
    '',
  ])('%j is refused', (text) => {
    expect(refusal({ volume: [text] }).code).toBe('ERR_TSBOX_USAGE');
  });
});

describe('--mount', () => {
  it('binds, with the spellings that docker has', () => {
    const bind = { type: 'bind', source, target: '/data', readOnly: true, recursive: true };
    expect(mount(`type=bind,source=${source},target=/data,readonly`)).toEqual(bind);
    expect(mount(`type=bind,src=${source},dst=/data,ro=true`)).toEqual(bind);
    expect(mount(`type=bind,src=${source},destination=/data,readonly=1,bind-recursive=enabled`)).toEqual(bind);
    expect(mount(`type=bind,src=${source},dst=/data,bind-recursive=disabled,bind-propagation=rshared`)).toMatchObject({
      readOnly: false,
      recursive: false,
      propagation: 'shared',
    });
  });

  it('takes volumes, which are what docker takes where no type is given', () => {
    const wanted = { type: 'volume', name: 'data', target: '/x', readOnly: false, noCopy: false };
    expect(mount('type=volume,source=data,target=/x')).toEqual(wanted);
    expect(mount('source=data,target=/x')).toEqual(wanted);
    expect(mount('type=volume,dst=/x,readonly,volume-nocopy')).toEqual({
      type: 'volume',
      target: '/x',
      readOnly: true,
      noCopy: true,
    });
  });

  it('a field with a comma stands in double quotes', () => {
    expect(refusal({ mount: ['type=bind,"source=/no,such",target=/data'] }).fixes).toEqual(['mkdir -p /no,such']);
    expect(refusal({ mount: ['type=bind,"source=/no""such",target=/data'] }).what).toContain('/no\\"such');
  });

  it('makes a tmpfs with a size and a mode', () => {
    expect(mount('type=tmpfs,target=/run,tmpfs-size=64m,tmpfs-mode=1777')).toEqual({
      type: 'tmpfs',
      target: '/run',
      readOnly: false,
      options: [],
      size: 67_108_864,
      mode: 0o1777,
    });
  });

  it('an unknown field comes with the one that was meant', () => {
    expect(refusal({ mount: ['type=bind,sorce=/tmp,target=/x'] }).fixes).toEqual(['did you mean source?']);
  });

  it.each([
    'type=bind,source=/tmp',
    'type=bind,target=/x',
    'source=/tmp,target=/x',
    'type=volume,source=./data,target=/x',
    'type=volume,source=data,target=/x,bind-propagation=slave',
    'type=bind,source=/tmp,target=/x,volume-nocopy',
    'type=bind,source=/tmp,target=/x,target=/y',
    'type=bind,source=/tmp,target=/x,readonly=perhaps',
    'type=bind,source=/tmp,target=/x,tmpfs-size=1m',
    'type=tmpfs,target=/x,source=/tmp',
    'type=tmpfs,target=/x,tmpfs-mode=9',
    'type=bind,"source=/tmp,target=/x',
    'type=bind,,target=/x',
    '',
  ])('%j is refused', (text) => {
    expect(refusal({ mount: [text] }).what).toContain('--mount');
  });
});

describe('--tmpfs', () => {
  it('has options', () => {
    expect(tmpfs('/run')).toEqual({ type: 'tmpfs', target: '/run', readOnly: false, options: [] });
    expect(tmpfs('/run:ro,size=1g,mode=755,noexec')).toEqual({
      type: 'tmpfs',
      target: '/run',
      readOnly: true,
      options: ['noexec'],
      size: 1024 ** 3,
      mode: 0o755,
    });
  });

  it.each(['run', '/', '/run:', '/run:size=', '/run:size=0', '/run:mode=8', '/run:uid=0', '/run:context=x'])(
    '%j is refused',
    (text) => {
      expect(refusal({ tmpfs: [text] }).what).toContain('--tmpfs');
    },
  );
});

describe('mounts together', () => {
  it('parents come before what lies below them', () => {
    const { mounts } = specOf({ tmpfs: ['/a/b/c'], volume: [`${source}:/a`], mount: ['type=tmpfs,target=/a/b'] });
    expect(mounts.map(({ target }) => target)).toEqual(['/a', '/a/b', '/a/b/c']);
  });

  it('one target twice is refused', () => {
    expect(refusal({ tmpfs: ['/run', '/run/'] }).why).toContain('twice');
    expect(refusal({ tmpfs: ['/run'], volume: [`${source}:/run`] }).why).toContain('twice');
  });

  it('a size of /dev/shm is bytes, 64 MiB unless asked', () => {
    expect(specOf({}).shmSize).toBe(64 * 1024 ** 2);
    expect(specOf({ shmSize: '1g' }).shmSize).toBe(1024 ** 3);
    expect(refusal({ shmSize: 'much' }).what).toContain('--shm-size');
  });
});
