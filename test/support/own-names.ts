import { fileURLToPath } from 'node:url';

const sourceOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What plugins call us, for tests of plugins in this checkout: one `TsboxError`, and no build that is older. */
export const OWN_NAMES = [
  { find: /^tsbox\/plugin$/, replacement: sourceOf('core/plugin/index.ts') },
  { find: /^tsbox\/testing$/, replacement: sourceOf('test/contract/index.ts') },
  { find: /^tsbox$/, replacement: sourceOf('core/index.ts') },
];
