import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json: it lies above core/, and above dist/ or a directory of dist/ when bundled. */
export function packageVersion(): string {
  let directory = new URL('../', import.meta.url);
  while (!existsSync(new URL('package.json', directory)) && directory.pathname !== '/')
    directory = new URL('../', directory);
  const text = readFileSync(new URL('package.json', directory), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
