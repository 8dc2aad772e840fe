// What `tsbox plugin create` writes beside index.ts.

export interface ProjectNames {
  readonly name: string;
  readonly suite: string;
  /** Of the suite's description: `driver: 'mine', `. */
  readonly driver: string;
  readonly version: string;
  readonly use: string;
}

export function packageJson({ name, version }: ProjectNames): string {
  const manifest = {
    name,
    version: '0.1.0',
    description: 'A plugin of tsbox',
    keywords: ['tsbox-plugin'],
    type: 'module',
    exports: './index.ts',
    files: ['index.ts', 'README.md'],
    scripts: { test: 'vitest run' },
    peerDependencies: { tsbox: `^${version}` },
    devDependencies: { tsbox: `^${version}`, vitest: '^4.1.12' },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

export function testFile({ suite, driver }: ProjectNames): string {
  return `import { ${suite} } from 'tsbox/testing';
import plugin from './index.js';

// Real launches, every fault that can be met, and the host looked at before and after. Needs root.
${suite}(plugin, { ${driver}module: new URL('./index.ts', import.meta.url) });
`;
}

export function readme({ name, use }: ProjectNames): string {
  return `# ${name}

A plugin of tsbox.

    npm install ${name}

In \`tsbox.config.ts\`, with the package's name in the place of its path:

    import { defineConfig } from 'tsbox';
    export default defineConfig({ plugins: ['${name}'] });

Then: \`${use}\`. The tests need root: \`tsbox plugin test .\`
`;
}

export function configFile(plugin: string): string {
  return `import { defineConfig } from 'tsbox';

export default defineConfig({ plugins: ['${plugin}'] });
`;
}
