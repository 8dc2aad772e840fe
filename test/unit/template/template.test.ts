import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../core/template/index.js';

const DATA = {
  Id: 'abc',
  Name: '/web',
  Count: 3,
  Running: true,
  Empty: '',
  Nothing: null,
  Args: ['a', 'b c'],
  Mounts: [
    { Type: 'bind', Source: '/src', RW: true },
    { Type: 'volume', Source: 'data', RW: false },
  ],
  State: { Status: 'running', Pid: 42 },
  Config: {
    Labels: new Map([
      ['com.example/x-y', 'v'],
      ['a', 'b'],
    ]),
  },
  Ports: new Map([['80/tcp', [{ HostIp: '0.0.0.0', HostPort: '8080' }]]]),
};

const run = (template: string, data: unknown = DATA): string => compileTemplate(template).execute(data);

describe('what scripts use', () => {
  it.each([
    ['{{.Id}}', 'abc'],
    ['{{.Id}}\\t{{ .Name }}\\n', 'abc\t/web\n'],
    ['{{.State.Status}} {{.State.Pid}}', 'running 42'],
    ['{{json .State}}', '{"Status":"running","Pid":42}'],
    ['{{json .Config.Labels}}', '{"a":"b","com.example/x-y":"v"}'],
    ['{{index .Config.Labels "com.example/x-y"}}', 'v'],
    ['{{index .Config.Labels "none"}}', ''],
    ['{{.Config.Labels.a}} {{.Config.Labels.none}}', 'b <no value>'],
    ['{{range .Mounts}}{{.Source}}:{{.RW}} {{end}}', '/src:true data:false '],
    ['{{range $i, $m := .Mounts}}{{if $i}},{{end}}{{$i}}={{$m.Type}}{{end}}', '0=bind,1=volume'],
    ['{{range $m := .Mounts}}{{$.Id}}{{$m.Source}};{{end}}', 'abc/src;abcdata;'],
    ['{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}', 'a=b com.example/x-y=v '],
    ['{{range $p, $c := .Ports}}{{$p}} -> {{(index $c 0).HostPort}}{{end}}', '80/tcp -> 8080'],
    ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
    ['{{range .Empty2}}x{{else}}none{{end}}', 'none', { Empty2: [] }],
    ['{{if .Running}}up{{else}}down{{end}}', 'up'],
    ['{{if .Empty}}a{{else if eq .Count 3}}b{{else}}c{{end}}', 'b'],
    ['{{if .Empty}}a{{else if eq .Count 4}}b{{else}}c{{end}}', 'c'],
    ['{{with .State}}{{.Pid}}{{end}}{{with .Nothing}}x{{else}}-{{end}}', '42-'],
    ['{{len .Mounts}} {{len .Name}} {{len .Config.Labels}}', '2 4 2'],
    ['{{upper .Id}} {{lower "ABC"}} {{title "ab cd"}}', 'ABC abc Ab Cd'],
    ['{{join .Args "," | upper}}', 'A,B C'],
    ['{{.Id | printf "%s-%05d" "x"}}', 'x-00abc'],
    ['{{printf "%-5s|%5.2f|%q|%%|%x" .Id 1.5 "a" 255}}', 'abc  | 1.50|"a"|%|ff'],
    ['{{println .Id .Count}}', 'abc 3\n'],
    ['{{print .Args}} {{.Ports}} {{.State}}', '[a b c] map[80/tcp:[{0.0.0.0 8080}]] {running 42}'],
    ['{{eq .Id "x" "abc"}} {{ne .Count 3}} {{lt 1 2}} {{ge 1 2}}', 'true false true false'],
    ['{{and .Running .Count}} {{or .Empty "b"}} {{not .Running}}', '3 b false'],
    ['{{or .Id (index .Args 9)}}', 'abc'],
    ['{{slice .Id 0 2}} {{truncate .Id 1}} {{split "a/b" "/"}}', 'ab a [a b]'],
    ['{{$x := .Count}}{{$x = 5}}{{$x}}', '5'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}', '2'],
    ['a {{- .Id -}} b{{/* said */}}c', 'aabcbc'],
    ['{{"a\\tb"}}{{`\\t`}}', 'a\tb\\t'],
    ['{{.}} {{$}}', 'x x', 'x'],
    ['{{.Nothing}}', '<no value>'],
    ['plain', 'plain'],
  ] as [string, string, unknown?][])('%s', (template, expected, data = DATA) => {
    expect(run(template, data)).toBe(expected);
  });
});

describe('methods', () => {
  const row = {
    ID: () => 'abc',
    Names: () => 'web',
    Label: (name: string) => `<${name}>`,
  };

  it('are called where they are named', () => expect(run('{{.ID}} {{.Label "x"}}', row)).toBe('abc <x>'));
  it('without arguments are fields of JSON', () => expect(run('{{json .}}', row)).toBe('{"ID":"abc","Names":"web"}'));
  it('are not called for nothing', () => {
    const lazy = {
      ID: () => 'abc',
      Size: () => {
        throw new Error('looked at');
      },
    };
    expect(run('{{.ID}}', lazy)).toBe('abc');
  });
  it('insist on their arguments', () => {
    expect(() => run('{{.Label}}', row)).toThrow('1:3: <.Label>: it takes 1 argument, and got 0');
    expect(() => run('{{.ID "x"}}', row)).toThrow('1:3: <.ID>: it takes no argument');
  });
});

describe('errors name the position', () => {
  it.each([
    ['{{.Nope}}', '1:3: <.Nope>: there is no such field'],
    ['a\n {{.State.Nope}}', '2:10: <.Nope>: there is no such field'],
    ['{{.Id.X}}', '1:6: <.X>: a string has no fields'],
    ['{{.Nothing.X}}', '1:11: <.X>: nothing is there that could have a field'],
    ['{{nope .Id}}', '1:3: there is no function nope'],
    ['{{.Id', '1:1: unclosed action'],
    ['{{if .Id}}x', '1:1: {{if}} has no {{end}}'],
    ['x{{end}}', '1:4: unexpected {{end}}'],
    ['{{.Id}}{{else}}', '1:10: unexpected {{else}}'],
    ['{{(.Id}}', '1:3: unclosed parenthesis'],
    ['{{.Id)}}', '1:6: unexpected ")"'],
    ['{{}}', '1:3: missing value'],
    ['{{.Id |}}', '1:8: missing value'],
    ['{{"a" "b"}}', '1:3: what is no function takes no argument'],
    ['{{index .Args 7}}', '1:3: index: index out of range: 7'],
    ['{{eq .Id 3}}', '1:3: eq: cannot compare a string with a number'],
    ['{{$x}}', '1:3: there is no variable $x'],
    ['{{if true}}{{$y := 1}}{{end}}{{$y}}', '1:32: there is no variable $y'],
    ['{{range .Count}}{{end}}', '1:1: cannot range over a number'],
    ['{{define "x"}}{{end}}', '1:1: {{define}} is not supported'],
    ['{{.Id ! }}', '1:7: unexpected "!" in an action'],
    ['{{"\\z"}}', '1:3: unknown escape \\z'],
    ['{{constructor}}', '1:3: there is no function constructor'],
    ['{{.constructor}}', '1:3: <.constructor>: there is no such field'],
  ])('%s', (template, message) => {
    expect(() => run(template)).toThrow(message);
    expect(() => run(template)).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_USAGE' }));
  });

  it('and what was meant', () => {
    expect(() => run('{{.id}}')).toThrow(expect.objectContaining({ fixes: ['did you mean .Id?'] }));
    const fields = ['the fields are Pid, Status'];
    expect(() => run('{{.State.Elephants}}')).toThrow(expect.objectContaining({ fixes: fields }));
  });
});
