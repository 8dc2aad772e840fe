import { pathToFileURL } from 'node:url';
import { hasCode } from '../kernel/error.js';

/**
 * The default export of a JavaScript or TypeScript file. TypeScript goes through jiti, as Node 20
 * strips no types. Such a file imports `tsbox` and `tsbox/plugin` even where the package is not
 * installed beside it: it then gets this process's own.
 */
export async function loadModule(file: string): Promise<unknown> {
  if (/\.[cm]?ts$/.test(file)) return loadWithJiti(file);
  try {
    const module = await import(pathToFileURL(file).href);
    return module.default;
  } catch (error) {
    const lacksUs =
      hasCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND') && /'tsbox(\/\w+)?'/.test((error as Error).message);
    if (!lacksUs) throw error;
    return loadWithJiti(file);
  }
}

/** Where a package of that name is, seen from a file. @throws when it is not there */
export async function resolvePackage(name: string, from: string): Promise<string> {
  const { createJiti } = await import('jiti');
  const { fileURLToPath } = await import('node:url');
  const found = createJiti(from, { fsCache: false }).esmResolve(name, pathToFileURL(from).href);
  return found.startsWith('file:') ? fileURLToPath(found) : found;
}

async function loadWithJiti(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const plugin = await import('../plugin/index.js');
  const { defineConfig } = await import('./define-config.js');
  const virtualModules = { tsbox: { ...plugin, defineConfig }, 'tsbox/plugin': { ...plugin } };
  // No cache on disk: it would be code at a path in /tmp that others can guess.
  const jiti = createJiti(file, { fsCache: false, moduleCache: false, interopDefault: true, virtualModules });
  return jiti.import(file, { default: true });
}
