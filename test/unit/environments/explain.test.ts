import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  explainKey,
  listEnvironments,
  readTarget,
  showConfig,
  showEnvironment,
} from '../../../core/environments/index.js';
import { type Asked, directory, refused, request, write } from './support.js';

/** Winner and hidden ones, each as its place and its value. */
async function explained(key: string, name?: string, asked: Asked = {}) {
  const [only] = await explainKey(readTarget(key, name), await request(asked));
  const row = ({ value, origin }: { value: unknown; origin: { text: string } }) => [origin.text, value];
  return { from: only?.from.map(row), hidden: only?.hidden.map(row) };
}

const MODULE = `import { defineConfig } from 'tsbox';

const common = { hostname: 'common' };
const computed = () => ({ memory: '5m' });
const web = {
  image: 'host',
  ...common,
} as const;

export default defineConfig({
  storage: 'overlay',
  run: {
    env: { A: 'run' },
  },
  environments: {
    base: { memory: '1m', env: { A: 'base' } },
    made: computed(),
    shop: {
      extends: 'base',
      memory: '2m',
      services: {
        web,
        db: { image: 'host', dns: ['192.0.2.1', '192.0.2.2'] },
      },
    },
  },
});
`;

describe('where a value of a TypeScript file came from', () => {
  it.each([
    ['memory', 'shop', 'tsbox.config.ts:20', '2m'],
    ['storage', undefined, 'tsbox.config.ts:11', 'overlay'],
    ['run.env.A', undefined, 'tsbox.config.ts:13', 'run'],
    ['services.web.image', 'shop', 'tsbox.config.ts:6', 'host'],
    ['services.web.hostname', 'shop', 'tsbox.config.ts:3', 'common'],
    ['services.db.dns', 'shop', 'tsbox.config.ts:23', ['192.0.2.1', '192.0.2.2']],
    ['environments.shop.services.db.image', undefined, 'tsbox.config.ts:23', 'host'],
    ['shop.services.db.image', undefined, 'tsbox.config.ts:23', 'host'],
    ['shop.memory', undefined, 'tsbox.config.ts:20', '2m'],
    ['shop.memory', 'shop', 'tsbox.config.ts:20', '2m'],
    ['memory', 'made', 'tsbox.config.ts:17 (made by code there)', '5m'],
  ])('%s of %s is from %s', async (key, name, place, value) => {
    write({ 'tsbox.config.ts': MODULE });
    expect((await explained(key, name)).from).toEqual([[place, value]]);
  });

  it('what it hides is told, the nearest first; flags and variables have places too', async () => {
    write({ 'tsbox.config.ts': MODULE });
    expect(await explained('memory', 'shop', { environment: { TSBOX_MEMORY: '3m' }, flags: { memory: '4m' } })).toEqual(
      {
        from: [['--memory', '4m']],
        hidden: [
          ['TSBOX_MEMORY', '3m'],
          ['tsbox.config.ts:20', '2m'],
          ['tsbox.config.ts:16', '1m'],
        ],
      },
    );
    expect(await explained('shmSize')).toEqual({ from: [['the default', '64m']], hidden: [] });
  });

  it("a config that a function makes is that function's call", async () => {
    write({ 'tsbox.config.mjs': "const make = () => ({ run: { memory: '1m' } });\n\nexport default make();\n" });
    expect((await explained('memory')).from).toEqual([['tsbox.config.mjs:3 (made by code there)', '1m']]);
  });
});

describe('where a value of YAML or JSON came from', () => {
  it('anchors and merged keys are followed to where they were written', async () => {
    write({
      '.tsboxrc.yaml':
        'environments:\n  one: &one\n    image: host\n    env: [A=1, B=2]\n  two:\n    <<: *one\n    memory: 1m\n',
    });
    expect((await explained('image', 'two')).from).toEqual([['.tsboxrc.yaml:3', 'host']]);
    expect((await explained('env.B', 'two')).from).toEqual([['.tsboxrc.yaml:4', '2']]);
  });

  it("package.json, with tabs; the user's file", async () => {
    write({
      'package.json': '{\n\t"tsbox": {\n\t\t"run": {\n\t\t\t"memory": "1m"\n\t\t}\n\t}\n}\n',
      'home/tsbox/config.yaml': 'run:\n  memory: 2m\n',
    });
    const config = await request();
    const [only] = await explainKey(
      { key: 'memory' },
      {
        ...config,
        config: { ...config.config },
      },
    );
    expect(only?.from[0]?.origin).toEqual({
      file: join(directory, 'package.json'),
      line: 4,
      column: 4,
      text: 'package.json:4',
    });
    expect(only?.hidden[0]?.origin.text).toBe('home/tsbox/config.yaml:2');
  });

  it('a list that adds up has all its places, the farthest first', async () => {
    write({ '.tsboxrc.yaml': "run:\n  publish: ['80:80']\nenvironments:\n  dev:\n    publish: ['81:81']\n" });
    expect(await explained('publish', 'dev')).toEqual({
      from: [
        ['.tsboxrc.yaml:2', ['80:80']],
        ['.tsboxrc.yaml:5', ['81:81']],
      ],
      hidden: [],
    });
  });

  it('a key that there is not is refused with the one that was meant', async () => {
    write({ '.tsboxrc.yaml': 'environments: { dev: { services: { web: { image: host } } } }' });
    expect((await refused(explained('memroy', 'dev'))).fixes).toEqual(['did you mean memory?']);
    expect((await refused(explained('memroy.x', 'dev'))).fixes).toEqual(['did you mean memory.x?']);
    expect((await refused(explained('dve.image'))).fixes).toEqual(['did you mean dev.image?']);
    expect((await refused(explained('dev.imgae'))).fixes).toEqual(['did you mean image?']);
    expect((await refused(explained('services.wbe.image', 'dev'))).fixes).toEqual(['did you mean web?']);
    expect((await refused(explained('image', 'dve'))).fixes).toEqual(['did you mean @dev?']);
  });
});

describe('an environment in the key', () => {
  it('is no key where a key has its name', async () => {
    write({ '.tsboxrc.yaml': 'run: { memory: 1m }\nenvironments:\n  memory: { memory: 2m }\n  dev: { memory: 3m }\n' });
    expect((await explained('memory')).from).toEqual([['.tsboxrc.yaml:1', '1m']]);
    expect((await explained('environments.memory.memory')).from).toEqual([['.tsboxrc.yaml:3', '2m']]);
    expect((await refused(explained('dev.memory', 'memory'))).why).toBe('there is no such key');
  });

  it.each([
    ['dev', ['tsbox config @dev', 'tsbox config explain environments.dev.image']],
    ['environments.dev', ['tsbox config @dev', 'tsbox config explain environments.dev.image']],
    ['environments', ['tsbox env ls']],
  ])('%s has no single value, and what shows it is said', async (key, fixes) => {
    write({ '.tsboxrc.yaml': 'environments: { dev: { memory: 3m } }' });
    expect((await refused(explained(key))).fixes).toEqual(fixes);
  });
});

describe('what all of it comes to', () => {
  it('paths are absolute, secrets are files, and nothing of what they say is there', async () => {
    write({
      '.tsboxrc.yaml': `
root: ./state
environments:
  dev: { extends: ./deep/base.yaml, command: [a, b], env: { A: 1 }, secrets: { s: ./secret } }
`,
      'deep/base.yaml':
        "image: ./img\nvolume: ['./d:/d', 'name:/n', '/e']\nenvFile: [x.env]\nmount: ['type=bind,src=./m,target=/m']",
      secret: 'hidden',
    });
    const shown = await showEnvironment('dev', await request());
    expect(shown).toEqual({
      image: `${directory}/deep/img`,
      command: ['a', 'b'],
      volume: [`${directory}/deep/d:/d`, 'name:/n', '/e'],
      envFile: [`${directory}/deep/x.env`],
      mount: [`type=bind,src=${directory}/deep/m,target=/m`],
      env: { A: 1 },
      secrets: { s: { file: `${directory}/secret`, target: '/run/secrets/s', mode: '0400' } },
    });
    const all = await showConfig(await request());
    expect(all).toEqual({ root: `${directory}/state`, environments: { dev: shown } });
    expect(JSON.stringify(all)).not.toContain('hidden');
  });

  it('a list has those that cannot be resolved, with the reason', async () => {
    write({ '.tsboxrc.yaml': 'environments: { good: { image: host, description: it works }, bad: {} }' });
    const [good, bad] = await listEnvironments(await request());
    expect(good).toMatchObject({ name: 'good', description: 'it works', image: 'host', services: [] });
    expect(bad?.error).toContain('has an image');
  });
});
