// Reporter for `node --test`: says nothing of what passes, tells what failed with its place and the file's own output, and
// ends with one line `N passed, N failed` (tests, not files or suites; skipped ones are named).
import path from 'node:path';
import process from 'node:process';
import { inspect } from 'node:util';

const OUTPUT_KEPT = 64 * 1024; // characters of a file's own output that are shown when it fails

// Without the line: tsx puts a file on one line, and node maps only stack traces back.
const where = (data) => path.relative(process.cwd(), data.file ?? '');

function reason(error) {
  const cause = error?.cause ?? error;
  if (cause === 'test failed') return `the file ended with ${error.signal ?? `exit status ${error.exitCode}`}`;
  if (cause instanceof Error) return (cause.stack ?? String(cause)).replace(/\n +at [^\n]*\(?node:[^\n]*/g, '');
  return typeof cause === 'string' ? cause : inspect(cause);
}

export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  const skipped = [];
  const output = new Map();
  const failing = new Set();
  const parents = []; // names of the tests around, by nesting
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      parents.length = data.nesting;
      parents.push(data.name);
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      output.set(data.file, ((output.get(data.file) ?? '') + data.message).slice(-OUTPUT_KEPT));
    } else if (type === 'test:pass') {
      if (data.details?.type === 'suite') continue;
      if (data.skip !== undefined || data.todo !== undefined) {
        const why = data.skip ?? data.todo;
        skipped.push(`${where(data)} ${data.name}${typeof why === 'string' && why !== '' ? ` (${why})` : ''}`);
      } else passed++;
    } else if (type === 'test:fail') {
      const error = data.details?.error;
      failing.add(data.file);
      // A suite or test that fails only because one inside it failed was told already.
      if (error?.failureType === 'subtestsFailed') continue;
      failed++;
      const name = [...parents.slice(0, data.nesting), data.name].join(' > ');
      yield `FAIL ${where(data)} ${name}\n${reason(error).replace(/^/gm, '     ')}\n`;
    }
  }
  for (const file of failing) {
    const text = output.get(file);
    if (text) yield `---- output of ${path.relative(process.cwd(), file ?? '')}\n${text.trimEnd()}\n----\n`;
  }
  if (skipped.length > 0) yield `skipped ${skipped.length}:\n${skipped.map((line) => `  ${line}\n`).join('')}`;
  yield `${passed} passed, ${failed} failed\n`;
}
