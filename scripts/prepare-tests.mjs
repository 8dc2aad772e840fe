// Installs what the tests need of Debian, as root on Debian; elsewhere lists what is missing, and
// the tests that need it skip by name (with TSBOX_NO_SKIP=1 they fail).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TEST_PACKAGES } from './test-packages.mjs';

// In this runlevel invoke-rc.d(8) starts no server that a package brings along.
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
const apt = (...args) =>
  execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

const missing = missingPackages();
if (missing.length > 0) {
  console.log(`tests: not installed: ${missing.join(' ')}`);
  if (process.getuid() === 0 && present('apt-get')) install(missing);
  else console.log(`tests: what needs them is skipped; as root: apt-get install ${missing.join(' ')}`);
}

function missingPackages() {
  return Object.entries(TEST_PACKAGES)
    .filter(([sign]) => !present(sign))
    .map(([, name]) => name);
}

function present(sign) {
  if (sign.startsWith('/')) return existsSync(sign);
  return (process.env.PATH ?? '').split(delimiter).some((directory) => directory && existsSync(join(directory, sign)));
}

function install(packages) {
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
    console.log(`tests: installed ${packages.join(' ')}`);
  } catch (error) {
    console.log(`tests: could not install them (${error.message.split('\n')[0]}); what needs them is skipped`);
  }
}
