import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles a C program out of files of bench/. @throws Error where there is no compiler */
export function compile(name: string, sources: readonly string[], directory: string): string {
  const binary = join(directory, name);
  const files = sources.map((source) => join(process.env.BENCH_ROOT as string, 'bench', source));
  try {
    execFileSync('cc', ['-O2', '-Wall', '-o', binary, ...files], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('what tsbox is measured against is a C program: it needs a compiler, cc (Debian: gcc, libc6-dev)');
  }
  return binary;
}
