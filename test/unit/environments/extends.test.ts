import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../core/config/resolve-spec.js';
import { HOST } from '../config/support.js';
import { directory, refused, resolve, service, write } from './support.js';

async function specOf(name: string, which?: string) {
  const { image, command, layers, secrets } = await service(name, which);
  return resolveSpec({ image, command, layers, secrets }, HOST);
}

describe('what an environment extends', () => {
  it('is another environment: own values win, variables add up, ports add up', async () => {
    write({
      '.tsboxrc.yaml': `
environments:
  base: { image: host, memory: 64m, env: { A: base, B: base }, publish: ['80:80'], dns: [192.0.2.1] }
  dev: { extends: base, memory: 32m, env: [A=dev], publish: ['81:81'], dns: [192.0.2.2] }
`,
    });
    const spec = await specOf('dev');
    expect(spec.resources.memory).toBe(32 * 1024 ** 2);
    expect(Object.fromEntries(spec.env.map((pair) => pair.split('=')))).toEqual({ A: 'dev', B: 'base' });
    expect(spec.network.ports.map(({ hostPort }) => hostPort)).toEqual([80, 81]);
    expect(spec.network.dns).toEqual(['192.0.2.2']);
  });

  it('is a list, of which later ones win; what all of them extend is farthest', async () => {
    write({
      '.tsboxrc.yaml': `
environments:
  root: { image: host, memory: 1m, user: root }
  one: { extends: root, memory: 2m, hostname: one }
  two: { extends: root, hostname: two }
  dev: { extends: [one, '#two'] }
`,
    });
    const spec = await specOf('dev');
    expect(spec).toMatchObject({ hostname: 'two', user: 'root', resources: { memory: 2 * 1024 ** 2 } });
  });

  it('is a file, where relative paths start; a package, by its main module, its tsbox.config or its package.json', async () => {
    write({
      '.tsboxrc.yaml': `
environments:
  dev: { extends: ['one', '@scope/two', 'three#other', './deep/file.yaml', './deep/more.json#named'] }
`,
      'deep/file.yaml': "image: ./image\nvolume: ['./data:/data']",
      'deep/data/x': '',
      'deep/more.json': '{ "environments": { "named": { "hostname": "more" }, "dev": { "hostname": "not-this" } } }',
      'node_modules/one/package.json': '{ "name": "one", "main": "./main.cjs" }',
      'node_modules/one/main.cjs': "module.exports = { env: { ONE: '1' } };",
      'node_modules/@scope/two/package.json': '{ "name": "@scope/two" }',
      'node_modules/@scope/two/tsbox.config.ts':
        "export default { environments: { dev: { env: { TWO: '2' as string } } } };",
      'node_modules/three/package.json':
        '{ "name": "three", "tsbox": { "environments": { "other": { "env": { "THREE": "3" } } } } }',
    });
    const spec = await specOf('dev');
    expect(spec.image).toBe(join(directory, 'deep/image'));
    expect(spec.mounts).toMatchObject([{ source: join(directory, 'deep/data'), target: '/data' }]);
    expect(spec.hostname).toBe('more');
    expect(spec.env).toEqual(['ONE=1', 'TWO=2', 'THREE=3']);
  });

  it('merges services by name: those of the environment first, what is beside them is a default of each', async () => {
    write({
      '.tsboxrc.yaml': `
environments:
  base:
    memory: 1m
    services:
      web: { image: host, memory: 2m, command: one }
      db: { image: host, ready: { port: 80 } }
  shop:
    extends: base
    memory: 3m
    services:
      web: { command: "two 'and more'", dependsOn: [db] }
      worker: { image: host, dependsOn: { db: started, web: started }, profiles: [full] }
`,
    });
    const shop = await resolve('shop');
    expect(shop.services.map(({ name }) => name)).toEqual(['web', 'worker', 'db']);
    const [web, worker] = shop.services;
    expect(web?.command).toEqual(['two', 'and more']);
    expect([...(web?.dependsOn ?? [])]).toEqual([['db', 'ready']]);
    expect([...(worker?.dependsOn ?? [])]).toEqual([
      ['db', 'started'],
      ['web', 'started'],
    ]);
    expect(worker?.profiles).toEqual(['full']);
    expect((await specOf('shop', 'web')).resources.memory).toBe(2 * 1024 ** 2);
    expect((await specOf('shop', 'db')).resources.memory).toBe(3 * 1024 ** 2);
  });

  it('variables win over it, flags over both', async () => {
    write({
      '.tsboxrc.yaml': 'run: { memory: 1m, hostname: run }\nenvironments: { dev: { image: host, memory: 2m } }',
    });
    const spec = async (asked: object) => {
      const { image, command, layers } = await service('dev', undefined, asked);
      return resolveSpec({ image, command, layers }, HOST);
    };
    expect(await spec({})).toMatchObject({ hostname: 'run', resources: { memory: 2 * 1024 ** 2 } });
    const environment = { TSBOX_MEMORY: '3m' };
    expect((await spec({ environment })).resources.memory).toBe(3 * 1024 ** 2);
    expect((await spec({ environment, flags: { memory: '4m' } })).resources.memory).toBe(4 * 1024 ** 2);
  });

  it('options of drivers win one by one', async () => {
    write({
      '.tsboxrc.yaml': `
environments:
  base: { image: host, driverOptions: { bridge: { mtu: 1400, subnet: 198.51.100.0/25 } } }
  dev: { extends: base, driverOptions: { bridge: { mtu: 1300 } } }
`,
    });
    expect((await resolve('dev')).driverOptions).toEqual({ bridge: { mtu: 1300, subnet: '198.51.100.0/25' } });
  });
});

describe('what is refused, with file and line', () => {
  it.each([
    ['a circle', 'a: { extends: b }\n  dev: { extends: a, image: host }\n  b: { extends: a }', 4, 'a -> b -> a'],
    ['an unknown name', 'dev: { extends: bsae }\n  base: {}', 2, 'neither an environment'],
    ['an unknown name behind #', "dev: { extends: '#bsae' }\n  base: {}", 2, 'has no environment "bsae"'],
    ['a file that is missing', 'dev:\n    extends: [base, ./nosuch.yaml]\n  base: {}', 3, 'nosuch.yaml'],
    ['no image', 'dev: { memory: 1m }', 2, 'has an image'],
    [
      'an unknown service',
      'dev:\n    services:\n      web: { image: host, dependsOn: [bd] }\n      db: { image: host }',
      4,
      'no service "bd"',
    ],
    [
      'services that wait for each other',
      'dev:\n    services:\n      a: { image: host, dependsOn: [b] }\n      b: { image: host, dependsOn: [a] }',
      5,
      'a -> b -> a',
    ],
    [
      'waiting for what nobody can tell',
      'dev:\n    services:\n      a: { image: host, dependsOn: { b: ready } }\n      b: { image: host }',
      4,
      'has no "ready"',
    ],
    ['two ways to be ready', 'dev:\n    image: host\n    ready: { port: 1, log: x }', 4, 'port and log'],
    ['a quote that is not closed', 'dev:\n    image: host\n    command: "sh -c \'x"', 4, 'not closed'],
    ['a secret that is missing', 'dev:\n    image: host\n    secrets:\n      t: ./nosuch', 5, 'there is no file'],
    ['one name for all services', 'dev:\n    name: x\n    services: { a: { image: host } }', 3, 'default of every one'],
  ])('%s', async (_, content, line, why) => {
    const file = write({ '.tsboxrc.yaml': `environments:\n  ${content}\n` });
    const error = await refused(resolve('dev'));
    expect(error.code).toBe('ERR_TSBOX_CONFIG');
    expect(error.what).toContain(`${file}:${line}`);
    expect(error.why).toContain(why);
  });

  it.each([
    ['dev: { memroy: 1m }', 'environments.dev.memroy', 'did you mean "memory"?'],
    ['dev: { services: { web: { imgae: host } } }', 'environments.dev.services.web.imgae', 'did you mean "image"?'],
    [
      'dev: { services: { web: { extends: x } } }',
      'environments.dev.services.web.extends',
      '"extends" stands beside "services", not in one',
    ],
    [
      'dev: { dependsOn: [x] }',
      'environments.dev.dependsOn',
      '"dependsOn" is a key of a service: services.NAME.dependsOn',
    ],
    ['dev: { secrets: { t: { file: x, mod: x } } }', 'environments.dev.secrets.t.mod', 'did you mean "mode"?'],
    ['dev: { ready: { prot: 1 } }', 'environments.dev.ready.prot', 'did you mean "port"?'],
  ])('the misspelt key in %s', async (content, key, fix) => {
    const file = write({ '.tsboxrc.yaml': `environments:\n  ${content}\n` });
    expect(await refused(resolve('dev'))).toMatchObject({ what: `unknown key "${key}" in ${file}:2`, fixes: [fix] });
  });

  it('a file that others can write, however it is reached', async () => {
    write({ '.tsboxrc.yaml': 'environments: { dev: { extends: ./more.yaml } }', 'more.yaml': 'image: host' });
    chmodSync(join(directory, 'more.yaml'), 0o666);
    expect((await refused(resolve('dev'))).why).toContain('writable by everybody');
  });

  it('a key of a file that is extended names that file', async () => {
    write({
      '.tsboxrc.yaml': 'environments: { dev: { extends: ./more.yaml } }',
      'more.yaml': 'image: host\nmemroy: 1',
    });
    expect((await refused(resolve('dev'))).what).toBe(`unknown key "memroy" in ${join(directory, 'more.yaml')}:2`);
  });
});
