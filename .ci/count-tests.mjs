// Prints `PASSED FAILED` of a vitest JSON report. A skipped test and a file that failed outside its
// tests (the leak fixture's way) are failures. What a conformance suite does not ask of a driver, because of
// what the driver says of itself, is neither; it is listed on stderr.
import { existsSync, readFileSync } from 'node:fs';

const [report] = process.argv.slice(2);
const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [];
const tests = files.flatMap((file) => file.assertionResults);
const inapplicable = tests.filter((test) => test.status !== 'failed' && test.meta?.inapplicable !== undefined);
for (const { fullName, meta } of inapplicable) console.error(`not asked: ${fullName}: ${meta.inapplicable}`);
const passed = tests.filter((test) => test.status === 'passed').length;
const outside = files.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
console.log(passed, tests.length - passed - inapplicable.length + outside.length + (files.length === 0 ? 1 : 0));
