import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallImage } from './faults/small-image.js';
import { REPOSITORY, runCli } from './run-cli.js';

/** The command line with one example in its configuration, and a state and an image in `directory`. */
export function cliWith(example: string, directory: string, config: object = {}) {
  const image = join(directory, 'image');
  smallImage(image);
  const file = join(directory, 'config.json');
  const plugins = [join(REPOSITORY, 'examples', example, 'index.ts')];
  writeFileSync(file, JSON.stringify({ plugins, network: 'none', ...config }), { mode: 0o600 });
  const flags = [`--root=${directory}/root`, `--runroot=${directory}/run`, '--config', file];
  return { image, file, tsbox: (...args: string[]) => runCli([...flags, ...args]) };
}

/** A certificate authority of a test's own, valid for a day. */
export function makeCertificate(file: string): void {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const subject = ['-subj', '/CN=tsbox test', '-addext', 'basicConstraints=critical,CA:TRUE'];
  execFileSync('openssl', [...args, ...subject, '-keyout', '/dev/null', '-out', file], { stdio: 'ignore' });
}
