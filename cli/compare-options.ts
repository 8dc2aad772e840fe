import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { CompareOptions } from '../compare/index.js';
import { hasCode } from '../core/kernel/error.js';
import { TsboxError } from '../core/plugin/error.js';

/** What a comparison is asked for, and what becomes of its report. */
export interface CompareRequest {
  readonly options: CompareOptions;
  /** True: to stdout. */
  readonly json: string | boolean;
  /** File of a page. */
  readonly html?: string;
  /** File of an earlier report. */
  readonly against?: string;
}

export function addCompareOptions(command: Command): Command {
  return command
    .option('--drivers <names>', 'what is compared, with commas between; default: all that work here')
    .option('--image <image>', 'what the containers are made of; default: one that is made for it')
    .option('--rounds <number>', 'samples of each quantity; default: 20 or more')
    .option('--warm-ups <number>', 'rounds before, which do not count; default: 1')
    .option('--workloads <names>', 'workloads or single quantities, with commas between; default: all')
    .option('--workload <file>', 'measure this program or script, executed in a container of each')
    .option('--json [file]', 'the report as JSON, with every sample; default: to stdout, instead of the tables')
    .option('--html <file>', 'the report as a page with plots, in one file')
    .option('--against <file>', 'say what changed since that report, which --json wrote');
}

interface Given {
  readonly drivers?: string;
  readonly image?: string;
  readonly rounds?: string;
  readonly warmUps?: string;
  readonly workloads?: string;
  readonly workload?: string;
  readonly json?: string | boolean;
  readonly html?: string;
  readonly against?: string;
}

/** Everything is checked before anything is measured. @throws TsboxError */
export function readCompareRequest(command: Command): CompareRequest {
  const given = command.opts<Given>();
  const { image, workload, json = false, html, against } = given;
  const [drivers, workloads] = [names('--drivers', given.drivers), names('--workloads', given.workloads)];
  const [rounds, warmUps] = [count('--rounds', given.rounds, 1), count('--warm-ups', given.warmUps, 0)];
  return {
    options: {
      ...(image !== undefined && { image }),
      ...(drivers && { drivers }),
      ...(workloads && { workloads }),
      ...(workload !== undefined && { command: executable(resolve(workload)) }),
      ...(rounds !== undefined && { rounds }),
      ...(warmUps !== undefined && { warmUps }),
    },
    json: typeof json === 'string' ? writable('--json', json) : json,
    ...(html !== undefined && { html: writable('--html', html) }),
    ...(against !== undefined && { against }),
  };
}

function names(option: string, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const list = text.split(',').map((name) => name.trim());
  if (!list.includes('')) return list;
  throw invalid(option, text, 'a name in it is empty', `${option} copy,overlay`);
}

function count(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (number >= least) return number;
  throw invalid(option, text, `it is not a whole number from ${least} to 999999`, `${option} 30`);
}

function executable(file: string): string {
  try {
    accessSync(file, constants.X_OK);
    if (statSync(file).isFile()) return file;
  } catch (error) {
    if (hasCode(error, 'EACCES')) throw invalid('--workload', file, 'it cannot be executed', `chmod +x ${file}`);
    throw invalid('--workload', file, 'there is no such file', 'name a program or script of this machine');
  }
  throw invalid('--workload', file, 'it is not a file', 'name a program or script of this machine');
}

/** After minutes of measuring is too late to find out. */
function writable(option: string, path: string): string {
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  try {
    if (found?.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
    accessSync(found ? file : dirname(file), constants.W_OK);
    return file;
  } catch (error) {
    throw invalid(
      option,
      path,
      (error as Error).message,
      `${option} ./report${option === '--html' ? '.html' : '.json'}`,
    );
  }
}

function invalid(option: string, value: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `invalid value ${JSON.stringify(value)} for ${option}`,
    why,
    fix,
  });
}
