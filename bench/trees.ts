import { randomBytes } from 'node:crypto';
import { chownSync, copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PER_DIRECTORY = 50;
const MIB = 2 ** 20;

/** What a package manager leaves: files of a few kilobytes in many directories, some links among them. */
export function makeSmallFiles(directory: string, files: number): void {
  const content = randomBytes(64 * 1024);
  for (let index = 0; index < files; index++) {
    const folder = join(
      directory,
      `d${Math.floor(index / PER_DIRECTORY / 20)}`,
      `d${Math.floor(index / PER_DIRECTORY)}`,
    );
    if (index % PER_DIRECTORY === 0) mkdirSync(folder, { recursive: true });
    const file = join(folder, `file-${index}`);
    // Sizes from 0 to 32 kB, small ones more often.
    const part = (index * 7919) % 1000;
    writeFileSync(file, content.subarray(0, Math.floor((part / 1000) ** 3 * 32 * 1024)), {
      mode: index % 10 === 0 ? 0o755 : 0o644,
    });
    if (index % 20 === 0) symlinkSync(`file-${index}`, `${file}.link`);
    if (index % 50 === 0) linkSync(file, `${file}.hard`);
    if (index % 25 === 0) chownSync(file, 1000, 1000);
  }
}

/** So many bytes in files of a size. */
export function makeLargeFiles(directory: string, mebibytes: number, each: number): void {
  mkdirSync(directory, { recursive: true });
  const content = randomBytes(each * MIB);
  const first = join(directory, 'file-0');
  writeFileSync(first, content);
  for (let index = 1; index < Math.ceil(mebibytes / each); index++)
    copyFileSync(first, join(directory, `file-${index}`));
}
