export function compile(arch: 'x64' | 'arm64'): Buffer;
export function compilerVersion(arch: 'x64' | 'arm64'): string;
