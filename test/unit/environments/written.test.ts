import { describe, expect, it } from 'vitest';
import { defineConfig } from '../../../core/config/define-config.js';
import { RUN_KEYS, runOption } from '../../../core/config/run-options.js';
import { NEAREST_LISTS, Settings } from '../../../core/config/settings.js';
import { ruleOf } from '../../../core/environments/contributions.js';
import { splitWords } from '../../../core/environments/index.js';

describe('a command in one string', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  a\t b\n', ['a', 'b']],
    [`sh -c 'echo "$A"'`, ['sh', '-c', 'echo "$A"']],
    ['a "b c"d\'e f\'', ['a', 'b cde f']],
    ['a "\\"b\\\\ \\n" \\ c', ['a', '"b\\ \\n', ' c']],
    ['a \'\' ""', ['a', '', '']],
    ['a $(b) | c > d', ['a', '$(b)', '|', 'c', '>', 'd']],
    ['', []],
  ])('%j is %j', (text, words) => expect(splitWords(text)).toEqual(words));

  it.each(["a 'b", 'a "b', 'a \\'])('%j does not end', (text) => expect(() => splitWords(text)).toThrow(RangeError));
});

it('the types of a config know the keys of an environment and of a service, and no others', () => {
  defineConfig({ environments: { dev: { memory: '1m', services: { web: { dependsOn: { db: 'ready' } } } } } });
  // @ts-expect-error: there is no such key
  const one = defineConfig({ environments: { dev: { memroy: '1m' } } });
  // @ts-expect-error: there is no such key
  const two = defineConfig({ environments: { dev: { services: { web: { ready: { prot: 1 } } } } } });
  // @ts-expect-error: there is no such condition
  const three = defineConfig({ environments: { dev: { services: { web: { dependsOn: { db: 'gone' } } } } } });
  expect([one, two, three].every(({ environments }) => environments?.dev)).toBe(true);
});

it('the rules that are explained are those by which settings are merged', () => {
  for (const key of RUN_KEYS.filter((one) => runOption(one).kind === 'list')) {
    const layers = ['near', 'far'].map((value) => ({
      kind: 'library' as const,
      directory: '/',
      values: { [key]: [value] },
    }));
    const nearest = NEAREST_LISTS.find((one) => one === key);
    const settings = new Settings(layers);
    const values = nearest ? settings.nearest(nearest) : settings.all(key);
    expect(ruleOf(key)).toBe(nearest ? 'nearest' : 'list');
    expect(values.map(({ value }) => value)).toEqual(nearest ? ['near'] : ['far', 'near']);
  }
});
