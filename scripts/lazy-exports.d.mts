export function withLazyExports(text: string): string;
