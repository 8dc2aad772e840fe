import { Command } from 'commander';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { addFilterOption, readFilters } from '../../../cli/filter.js';
import { addListOptions, type ListShape, printList, readListOptions } from '../../../cli/format.js';
import { parseMoment } from '../../../cli/moment.js';
import * as output from '../../../cli/output.js';

interface Thing {
  readonly name: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
}

let asked = 0;
const SHAPE: ListShape<Thing> = {
  fields: {
    Name: ['NAME', ({ name }) => name],
    Size: [
      'SIZE',
      ({ size }) => {
        asked++;
        return `${size}B`;
      },
    ],
    Label: ['', ({ labels }, key) => labels[key as string] ?? ''],
  },
  columns: ['Name', 'Size'],
  id: 'Name',
};
const THINGS: Thing[] = [
  { name: 'web', size: 3, labels: { 'com.x.my-key': 'v' } },
  { name: 'a-much-longer-name', size: 40, labels: {} },
];

async function printed(format: string, quiet = false, things = THINGS): Promise<string> {
  let text = '';
  vi.spyOn(output, 'print').mockImplementation((part) => {
    text += part;
  });
  await printList(things, SHAPE, { format, quiet });
  return text;
}

beforeEach(() => {
  asked = 0;
  vi.restoreAllMocks();
});

describe('formats of a list', () => {
  it('table, as docker lays it out', async () => {
    expect(await printed('table')).toBe(
      'NAME                 SIZE\nweb                  3B\na-much-longer-name   40B\n',
    );
    expect(await printed('table', false, [])).toBe('NAME      SIZE\n');
  });
  it('table of a template, with headers', async () => {
    const text = await printed('table {{.Name}}\\t{{.Label "com.x.my-key"}}\\t{{upper .Size}}');
    expect(text).toBe(
      'NAME                 my key    SIZE\nweb                  v         3B\na-much-longer-name             40B\n',
    );
  });
  it('template', async () => expect(await printed('{{.Name}}={{.Size}}')).toBe('web=3B\na-much-longer-name=40B\n'));
  it('template of JSON has docker’s fields', async () =>
    expect(await printed('{{json .}}')).toBe(
      '{"Name":"web","Size":"3B"}\n{"Name":"a-much-longer-name","Size":"40B"}\n',
    ));
  it('json has the library’s', async () => expect(JSON.parse(await printed('json'))).toEqual(THINGS));
  it('jsonl has one a line', async () =>
    expect(await printed('jsonl')).toBe(THINGS.map((thing) => `${JSON.stringify(thing)}\n`).join('')));
  it('-q prints ids, unless a format was asked for', async () => {
    expect(await printed('table', true)).toBe('web\na-much-longer-name\n');
    expect(await printed('{{.Size}}', true)).toBe('3B\n40B\n');
  });
  it('asks for no field that is not shown', async () => {
    await printed('{{.Name}}');
    expect(asked).toBe(0);
  });
  it('says what is wrong before it prints', async () => {
    await expect(printed('{{.Nope}}')).rejects.toThrow('1:3: <.Nope>: there is no such field');
    await expect(printed('jsno')).rejects.toThrow('it is no format, and no template either');
  });
  it('lets nobody talk to the terminal', async () => {
    expect(await printed('table', false, [{ name: 'a\u001b[2J\n', size: 1, labels: {} }])).toContain('a?[2J?');
  });
});

describe('options of a list', () => {
  const parse = (...argv: string[]) => {
    const command = addListOptions(new Command().option('--quiet')).exitOverride();
    return readListOptions(addFilterOption(command, ['name', 'label']).parse(argv, { from: 'user' }));
  };
  const filters = (...argv: string[]) => {
    const command = addFilterOption(new Command(), ['name', 'label']);
    return readFilters(command.parse(argv, { from: 'user' }), ['name', 'label']);
  };

  it('--quiet is -q', () => {
    expect(parse('--quiet')).toEqual({ format: 'table', quiet: true });
    expect(parse('-q', '--format', 'json')).toEqual({ format: 'json', quiet: true });
    expect(parse()).toEqual({ format: 'table', quiet: false });
  });
  it('filters gather by key', () => {
    expect(filters('-f', 'name=a', '--filter', 'label=k=v', '--filter=name=b')).toEqual({
      name: ['a', 'b'],
      label: ['k=v'],
    });
  });
  it('an unknown filter names those that there are', () => {
    const error = expect.objectContaining({ fixes: ['did you mean name?', 'the filters are name, label'] });
    expect(() => filters('-f', 'nmae=x')).toThrow(error);
    expect(() => filters('-f', 'name')).toThrow('it is not KEY=VALUE');
  });
});

describe('moments', () => {
  const NOW = Date.parse('2026-11-22T03:10:00.000Z');
  it.each([
    ['10m', '2026-11-22T03:00:00.000Z', 0n],
    ['1.5s', '2026-11-22T03:09:58.500Z', 0n],
    ['2026-11-22T03:00:00Z', '2026-11-22T03:00:00.000Z', 0n],
    ['2026-11-22T03:00:00.123456789Z', '2026-11-22T03:00:00.000Z', 123_456_789n],
    ['2026-11-22T04:00:00+01:00', '2026-11-22T03:00:00.000Z', 0n],
    ['1795316400', '2026-11-22T03:00:00.000Z', 0n],
    ['1795316400.5', '2026-11-22T03:00:00.000Z', 500_000_000n],
  ])('%s', (text, iso, nanoseconds) => {
    expect(parseMoment('--since', text, NOW)).toBe(BigInt(Date.parse(iso)) * 1_000_000n + nanoseconds);
  });
  it.each(['yesterday', '', '2026-13-01', 'x5m'])('%j is none', (text) => {
    expect(() => parseMoment('--since', text, NOW)).toThrow('it is no time');
  });
});
