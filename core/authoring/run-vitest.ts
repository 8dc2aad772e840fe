import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TsboxError } from '../plugin/error.js';

export interface VitestRun {
  /** The project: its vitest is used, and found from there is what the file imports. */
  readonly directory: string;
  /** Text of a test file that the project does not have; it is there while it is run. */
  readonly text?: string;
  /** Otherwise the project's own files, by what their paths contain. */
  readonly filters?: readonly string[];
  /** Where names lead instead of into node_modules: [regular expression, path]. */
  readonly aliases?: readonly (readonly [string, string])[];
  /** Only tests whose whole name this regular expression matches. */
  readonly named?: string;
  /** Its output is this process's own; else nothing is shown. */
  readonly show?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface TestOutcome {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo';
  readonly failure: string;
}

export interface VitestResult {
  readonly status: number;
  readonly tests: readonly TestOutcome[];
  /** What it printed, where it was not shown. */
  readonly output: string;
}

/** Runs vitest to its end in a process of its own. @throws TsboxError where there is none */
export async function runVitest(run: VitestRun): Promise<VitestResult> {
  const program = vitestOf(run.directory);
  const scratch = mkdtempSync(join(run.directory, '.tsbox-test-'));
  const report = join(scratch, 'report.json');
  try {
    const named = run.named === undefined ? [] : ['--testNamePattern', run.named];
    const flags = [...reporters(run, report), ...configured(run, scratch), ...named];
    const command = [program, 'run', '--root', run.directory, ...flags, ...(run.filters ?? [])];
    const { status, output } = await ended(command, run);
    return { status, output, tests: readReport(report) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function vitestOf(directory: string): string {
  const require = createRequire(join(directory, 'package.json'));
  try {
    const manifest = require.resolve('vitest/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { vitest: string } };
    return join(manifest, '..', bin.vitest);
  } catch (error) {
    throw new TsboxError('ERR_TSBOX_PLUGIN', {
      what: `cannot run the tests in ${directory}`,
      why: 'vitest is not installed there',
      fix: `cd ${directory} && npm install --save-dev vitest`,
      cause: error,
    });
  }
}

function reporters({ show }: VitestRun, report: string): string[] {
  return [...(show ? ['--reporter=default'] : []), '--reporter=json', `--outputFile.json=${report}`];
}

/** vitest looks for a configuration further up too, where it is that of something else. */
function configured(run: VitestRun, scratch: string): string[] {
  const hasOwn = readdirSync(run.directory).some((name) => /^vite(st)?\.config\.[cm]?[jt]s$/.test(name));
  if (run.text === undefined && hasOwn) return [];
  const file = join(scratch, 'vitest.config.mjs');
  writeFileSync(file, run.text === undefined ? configText('', []) : oneFile(run, scratch));
  return ['--config', file];
}

/** What the project has for its own tests says nothing about this one. @returns the configuration */
function oneFile({ text = '', aliases = [] }: VitestRun, scratch: string): string {
  const file = join(scratch, 'suite.test.mjs');
  writeFileSync(file, text);
  const alias = aliases.map(([find, path]) => `{ find: /${find}/, replacement: ${JSON.stringify(path)} }`);
  return configText(`include: [${JSON.stringify(file)}], `, alias);
}

/** One file at a time, each in a process of its own: suites look at the whole host. */
function configText(include: string, alias: readonly string[]): string {
  return `export default {
  resolve: { alias: [${alias.join(', ')}] },
  test: { ${include}pool: 'forks', fileParallelism: false, watch: false },
};
`;
}

function ended(command: readonly string[], run: VitestRun): Promise<{ status: number; output: string }> {
  const env = { ...(run.environment ?? process.env) };
  // A vitest inside a vitest would take itself for a worker of that.
  for (const name of Object.keys(env)) if (/^(VITEST|NODE_OPTIONS|TEST$|TINYPOOL)/.test(name)) delete env[name];
  const stdio = run.show ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [...command], { cwd: run.directory, env, stdio: ['ignore', stdio, stdio] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

interface Report {
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: TestOutcome['state'];
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function readReport(path: string): TestOutcome[] {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return [];
  }
  return report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages = [] }) => ({
      name: fullName,
      state: status,
      failure: failureMessages.join('\n'),
    })),
  );
}
