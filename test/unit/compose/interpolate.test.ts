// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../../core/compose/env-file.js';
import { interpolate } from '../../../core/compose/interpolate.js';

const VARIABLES = { NAME: 'shop', EMPTY: '', OTHER: 'x y' };

describe('variables in a text', () => {
  it.each([
    ['$NAME', 'shop'],
    ['a-${NAME}-b', 'a-shop-b'],
    ['$$NAME costs $$5', '$NAME costs $5'],
    ['${UNSET:-five}${UNSET-six}', 'fivesix'],
    ['${EMPTY:-five}|${EMPTY-six}', 'five|'],
    ['${UNSET:-${NAME}/${OTHER}}', 'shop/x y'],
    ['${NAME:+set}${EMPTY:+no}${EMPTY+yes}', 'setyes'],
    ['${UNSET:-a}}', 'a}'],
    ['${NAME:?must be}', 'shop'],
    ['no variable at all', 'no variable at all'],
  ])('%s is %s', (text, result) => {
    expect(interpolate(text, VARIABLES)).toBe(result);
  });

  it('that are not set stand for nothing, and are told', () => {
    const unset: string[] = [];
    expect(interpolate('<$UNSET>', VARIABLES, (name) => unset.push(name))).toBe('<>');
    expect(unset).toEqual(['UNSET']);
    interpolate('${UNSET:-default}', VARIABLES, (name) => unset.push(name));
    expect(unset).toHaveLength(1);
  });

  it.each([
    ['${UNSET:?say which}', 'the variable UNSET must be set: say which'],
    ['${NAME', 'cannot read the variable'],
    ['${UNSET:-a', 'has no "}"'],
    ['costs $5', 'a dollar is written $$'],
    ['${NAME!x}', 'cannot read the variable'],
  ])('%s is refused', (text, why) => {
    expect(() => interpolate(text, VARIABLES)).toThrow(why);
  });
});

describe('a file of variables', () => {
  const read = (text: string) => parseEnvFile(text, { CALLER: 'me' });

  it('has values with and without quotes, comments, and several lines', () => {
    const text = [
      '# comment',
      'A=1 # one',
      'export B= two words ',
      'C="x\\ny # no comment"',
      "D='$A \\n'",
      'E="first',
      'second"',
      'F=${A}-${CALLER}',
      'CALLER',
      'MISSING',
      'G=',
      'H=a#b',
    ].join('\r\n');
    expect(read(text)).toEqual({
      A: '1',
      B: 'two words',
      C: 'x\ny # no comment',
      D: '$A \\n',
      E: 'first\nsecond',
      F: '1-me',
      CALLER: 'me',
      G: '',
      H: 'a#b',
    });
  });

  it('is refused where a line is none', () => {
    expect(() => read('A=1\nnot a line')).toThrow('line 2 is not K=V');
    expect(() => read('A="open')).toThrow('line 1 has a " that is not closed');
  });
});
