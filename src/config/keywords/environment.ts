// presetenv, setenv, resetenv, unsetenv of the global section: they change what later lines see (manual 3.1).

import { type GlobalKeyword, SEC_GLOBAL } from '../keyword.js';
import type { Line } from '../line.js';
import type { GlobalConf } from '../types.js';

function pair(line: Line): boolean {
  if (line.arg(1) === '' || line.arg(2) === '') {
    const at = line.arg(1) === '' ? 1 : 2;
    line.alert(at, 'missing-argument', `'${line.arg(0)}' expects a name and a value.`, { form: 'tight' });
    return false;
  }
  // The reference looks for a fourth word only.
  if (line.count > 4) return !line.tooMany(3);
  return true;
}

function set(line: Line, global: GlobalConf, env: Map<string, string>): void {
  env.set(line.arg(1), line.arg(2));
  global.env[line.arg(1)] = line.arg(2);
}

function entry(syntax: string, parse: NonNullable<GlobalKeyword['parse']>): GlobalKeyword {
  return { words: syntax.split(' ')[0]!, sections: SEC_GLOBAL, syntax, status: 'implemented', parse };
}

export const globalEnvironment: readonly GlobalKeyword[] = [
  entry('presetenv <name> <value>', (line, global, scope) => {
    if (pair(line) && !scope.env.has(line.arg(1))) set(line, global, scope.env);
  }),
  entry('setenv <name> <value>', (line, global, scope) => {
    if (pair(line)) set(line, global, scope.env);
  }),
  entry('unsetenv [<name> ...]', (line, global, scope) => {
    if (line.arg(1) === '') {
      line.alert(1, 'missing-argument', `'unsetenv' expects at least one variable name.`, { form: 'tight' });
      return;
    }
    for (let i = 1; i < line.count; i++) {
      scope.env.delete(line.arg(i));
      global.env[line.arg(i)] = null;
    }
  }),
  entry('resetenv [<name> ...]', (line, global, scope) => {
    const keep = new Set(line.words.slice(1).map((w) => w.text));
    for (const name of [...scope.env.keys()]) {
      if (keep.has(name)) continue;
      scope.env.delete(name);
      global.env[name] = null;
    }
  }),
];
