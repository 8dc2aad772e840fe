import { TsboxError } from '../core/plugin/error.js';
import { PS_COLUMNS } from './ps-columns.js';

/** A column that was asked for, with its header. */
export interface PsColumn {
  readonly name: string;
  readonly header: string;
}

/** `ps -ef`, docker's default. */
const FULL = 'user=UID,pid,ppid,c,stime,tty,time,args=CMD';
/** `ps u`, as in `aux`. */
const BY_USER = 'user,pid,%cpu,%mem,vsz,rss,tty,stat,bsdstart,bsdtime,args';
const SHORT = 'pid,tty,time,comm=CMD';
const SHORT_BSD = 'pid,tty,stat,bsdtime,args';

/** Letters that select processes, or make lines wide: all of the container are shown, whole, in any case. */
const SELECTING = 'eAaxwd';

/**
 * The columns that options of ps(1) ask for: `-ef`, `aux`, `-o pid,comm`, `axo pid,args`.
 * @throws TsboxError for options and columns that there are not
 */
export function parsePsOptions(args: readonly string[]): PsColumn[] {
  const lists: string[] = [];
  let form: string | undefined;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, long, value] = /^--([a-z]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (long !== undefined) {
      if (long !== 'format') throw unknownOption(arg);
      lists.push(value ?? listAfter(arg, rest));
      continue;
    }
    const bsd = !arg.startsWith('-');
    const letters = bsd ? arg : arg.slice(1);
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] as string;
      if (letter === 'o') {
        lists.push(letters.slice(at + 1) || listAfter(arg, rest));
        break;
      }
      if (letter === 'f' && !bsd) form = FULL;
      else if (letter === 'u') form = BY_USER;
      else if (!SELECTING.includes(letter)) throw unknownOption(arg);
      else form ??= bsd ? SHORT_BSD : SHORT;
    }
    if (letters === '') throw unknownOption(arg);
  }
  return (lists.length > 0 ? lists : [form ?? FULL]).flatMap(columnsOf);
}

/** `pid,user=NAME`: a header of one's own behind `=`. */
function columnsOf(list: string): PsColumn[] {
  return list
    .split(/[,\s]+/)
    .filter((part) => part !== '')
    .map(columnOf);
}

function columnOf(text: string): PsColumn {
  const [name = '', header] = text.split('=', 2);
  const column = PS_COLUMNS[name.toLowerCase()];
  if (column) return { name: name.toLowerCase(), header: header ?? column.header };
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot list the column ${JSON.stringify(name)}`,
    why: 'there is no such column',
    fix: `there are ${Object.keys(PS_COLUMNS).sort().join(', ')}`,
  });
}

function listAfter(arg: string, rest: string[]): string {
  const list = rest.shift();
  if (list !== undefined) return list;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use ${arg}`,
    why: 'a list of columns must follow',
    fix: 'tsbox top CONTAINER -o pid,user,args',
  });
}

function unknownOption(arg: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use the option ${JSON.stringify(arg)} of ps`,
    why: 'it is not known here: tsbox reads /proc by itself',
    fix: [
      '-ef, aux, or -o with a list of columns',
      'any other: ps OPTIONS -p with the pids of tsbox top CONTAINER -o pid',
    ],
  });
}
