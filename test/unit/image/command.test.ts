import { describe, expect, it } from 'vitest';
import { type CommandSpec, resolveCommand } from '../../../core/image/command.js';
import type { ImageConfig, ResolvedImage } from '../../../core/plugin/image.js';

const image = (config: Partial<ImageConfig> = {}, files: Record<string, string> = {}): ResolvedImage => ({
  reference: 'test',
  layers: [],
  host: false,
  config: { entrypoint: [], cmd: [], env: [], workdir: '/', user: '', ...config },
  readFile: (path) => files[path],
});
const spec = (more: Partial<CommandSpec> = {}): CommandSpec => ({
  command: [],
  env: [],
  groups: [],
  tty: false,
  ...more,
});
const argv = (own: Partial<CommandSpec>, config: Partial<ImageConfig>) =>
  resolveCommand(spec(own), image(config), 'box').argv;
const env = (own: Partial<CommandSpec>, config: Partial<ImageConfig> = {}) =>
  resolveCommand(spec({ command: ['x'], ...own }), image(config, { '/etc/passwd': 'web:x:5:5::/home/web:' }), 'box')
    .env;
const cwd = (workdir: string | undefined, fromImage = '/') =>
  resolveCommand(
    spec({ command: ['x'], ...(workdir !== undefined && { workdir }) }),
    image({ workdir: fromImage }),
    'box',
  ).cwd;

const full = { entrypoint: ['entry', '-e'], cmd: ['cmd', '-c'] };

describe('the argument vector', () => {
  it("is the image's entrypoint with the image's or the given command", () => {
    expect(argv({}, full)).toEqual(['entry', '-e', 'cmd', '-c']);
    expect(argv({ command: ['a'] }, full)).toEqual(['entry', '-e', 'a']);
    expect(argv({}, { cmd: ['cmd'] })).toEqual(['cmd']);
    expect(argv({}, { entrypoint: ['entry'] })).toEqual(['entry']);
  });

  it("drops the image's command with its entrypoint", () => {
    expect(argv({ entrypoint: ['mine'] }, full)).toEqual(['mine']);
    expect(argv({ entrypoint: ['mine'], command: ['a'] }, full)).toEqual(['mine', 'a']);
    expect(argv({ entrypoint: [], command: ['a'] }, full)).toEqual(['a']);
  });

  it('must not be empty', () => {
    expect(() => argv({}, {})).toThrow(/^No command specified: the image test has no command/);
    expect(() => argv({ entrypoint: [] }, full)).toThrow(/^No command specified: the entrypoint was cleared/);
  });
});

describe('the environment', () => {
  it('has defaults', () => {
    expect(env({})).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOSTNAME=box',
      'HOME=/',
    ]);
    expect(env({ tty: true, user: 'web' })).toEqual(expect.arrayContaining(['TERM=xterm', 'HOME=/home/web']));
  });

  it('is overridden by the image, and that by the user, the last one winning', () => {
    const result = env(
      { tty: true, env: ['A=mine', 'A=last', 'TERM=dumb', 'EMPTY=', 'E=a=b', 'HOME=/h'] },
      { env: ['A=image', 'B=image', 'PATH=/bin', 'TERM=image', 'broken', '=broken'] },
    );
    expect(result).toEqual([
      'PATH=/bin',
      'HOSTNAME=box',
      'TERM=dumb',
      'A=last',
      'B=image',
      'EMPTY=',
      'E=a=b',
      'HOME=/h',
    ]);
  });

  it.each(['NAME', '=x', ''])('refuses %j from the user', (pair) => {
    expect(() => env({ env: [pair] })).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_INVALID_SPEC' }));
  });
});

describe('the working directory', () => {
  it("is the user's, the image's or /", () => {
    expect(cwd('/a/../b/')).toBe('/b');
    expect(cwd(undefined, '/srv/')).toBe('/srv');
    expect(cwd(undefined, '')).toBe('/');
    expect(cwd(undefined, 'app')).toBe('/app');
    expect(cwd('/')).toBe('/');
  });

  it('must be absolute', () => {
    expect(() => cwd('relative')).toThrow(
      "the working directory 'relative' is invalid, it needs to be an absolute path",
    );
  });
});

describe('the user', () => {
  const files = { '/etc/passwd': 'root:x:0:0::/root:\nweb:x:5:6::/home/web:', '/etc/group': 'adm:x:4:web' };
  const ids = (own: Partial<CommandSpec>, user = '') => {
    const { uid, gid, groups } = resolveCommand(spec({ command: ['x'], ...own }), image({ user }, files), 'box');
    return { uid, gid, groups };
  };

  it("is the user's choice, the image's or root", () => {
    expect(ids({})).toEqual({ uid: 0, gid: 0, groups: [0] });
    expect(ids({}, 'web')).toEqual({ uid: 5, gid: 6, groups: [6, 4] });
    expect(ids({ user: '0' }, 'web')).toEqual({ uid: 0, gid: 0, groups: [0] });
    expect(ids({ user: '', groups: ['adm'] })).toEqual({ uid: 0, gid: 0, groups: [0, 4] });
  });

  it('fails by name when the image does not know it', () => {
    expect(() => ids({ user: 'nobody' })).toThrow('unable to find user nobody: no matching entries in passwd file');
  });
});

it('refuses NUL bytes in everything that becomes a C string', () => {
  for (const own of [{ command: ['a\0b'] }, { env: ['A=\0'] }, { workdir: '/\0' }]) {
    expect(() => resolveCommand(spec({ command: ['x'], ...own }), image(), 'box')).toThrow(/NUL byte/);
  }
});
