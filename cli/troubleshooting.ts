import { CATALOGUE, CODES } from '../core/explain/index.js';
import { ERROR_CODES, type ErrorCode } from '../core/plugin/error.js';

/** docs/troubleshooting.md: the catalogue as a page. A test keeps the file equal to this. */
export function troubleshootingPage(): string {
  const parts = Object.entries(CATALOGUE).map(([part, entries]) =>
    [
      `## ${part}`,
      ...entries.map(({ id, title, why, fix, see = [] }) =>
        [
          `### ${title}`,
          `\`tsbox explain ${id}\``,
          why,
          fix.map((each) => `- ${each}`).join('\n'),
          ...(see.length > 0 ? [`See ${see.join(', ')}.`] : []),
        ].join('\n\n'),
      ),
    ].join('\n\n'),
  );
  const codes = (Object.keys(CODES) as ErrorCode[]).map(
    (code) => `| \`${code}\` | ${ERROR_CODES[code]} | ${CODES[code].meaning} |`,
  );
  return [
    '# Troubleshooting',
    'What fails says why, and ends with a line `tsbox explain ID`. `tsbox explain last` shows the last launch that failed: what was asked, what was done, which call failed, and what mends it. `tsbox doctor` looks at the host before anything fails.',
    '<!-- Made from core/explain by test/unit/explain/page.test.ts with UPDATE_DOCS=1. -->',
    ...parts,
    '## Error codes',
    ['| code | exit status | meaning |', '| --- | --- | --- |', ...codes].join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}
