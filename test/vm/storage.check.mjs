// Overlay on a kernel that takes layers only in one string (before 6.8), end to end through the command line.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
let failed = 0;

function check(name, holds, result) {
  console.log(holds ? `ok ${name}` : `not ok ${name}: ${JSON.stringify(result)}`);
  if (!holds) failed++;
}

function run(image, script, storage = 'overlay') {
  const args = ['run', '--rm', '--network=none', `--storage=${storage}`, image, 'sh', '-c', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

const host = run(
  'host',
  'echo new > /etc/hostname.new && cat /etc/hostname.new && rm -rf /usr/share/doc/b* && ls -A /tmp /run',
);
check('the host image is a view of the machine', host.status === 0 && host.stdout === 'new\n/run:\n\n/tmp:\n', host);
check(
  'its writes are its own',
  host.status === 0 && !existsSync('/etc/hostname.new') && existsSync('/usr/share/doc/base-files'),
  host,
);

const image = '/run/tmp/im:a,ge \\ "odd"';
mkdirSync(`${image}/bin`, { recursive: true });
copyFileSync('/bin/busybox', `${image}/bin/sh`);
writeFileSync(`${image}/file`, 'old\n');
for (const storage of ['overlay', 'copy']) {
  const odd = run(
    image,
    'read -r line < /file; echo "$line"; echo new > /file; read -r line < /file; echo "$line"',
    storage,
  );
  check(`${storage} takes an image of an odd name`, odd.status === 0 && odd.stdout === 'old\nnew\n', odd);
}

const left = readdirSync('/var/lib/tsbox/containers');
check('nothing is left', left.length === 0, left);
process.exitCode = failed === 0 ? 0 : 1;
