// Variables in the global section (manual 3.1 "set-var", "set-var-fmt", 3.2 "tune.vars.*").
import { isLogFormat, parseLogFormat } from '../../policy/sample/log-format.js';
import { isSampleError, parseSampleWords } from '../../policy/sample/expr.js';
import { SMP_OPT_DIR_REQ, SMP_VAL_CFG_PARSER, type SampleError } from '../../policy/sample/types.js';
import { notAvailableText } from '../../policy/sample/use.js';
import { parseVarName, VAR_PROC, type VarLimits } from '../../policy/sample/vars.js';
import { type GlobalKeyword, SEC_GLOBAL } from '../keyword.js';
import type { Line } from '../line.js';
import { readInt } from '../values.js';
import type { GlobalConf } from '../types.js';

const CONTEXT = 'configuration expression';

/** The name of a variable of scope `proc`, '' after an alert. */
function processName(line: Line, what: string): string {
  const keyword = line.arg(0);
  if (line.arg(1) === '' || line.arg(2) === '') {
    const text = `'${keyword}' requires a process-wide variable name ('proc.<name>') and ${what}.`;
    line.alert(line.arg(1) === '' ? 1 : 2, 'missing-argument', text);
    return '';
  }
  const name = parseVarName(line.arg(1));
  if (typeof name === 'string') {
    // The reference reads on to the parenthesis that it puts behind the name itself.
    line.alert(1, 'bad-variable', /^invalid syntax/.test(name) ? name.replace(/'$/, ")'") : name);
    return '';
  }
  if (name.scope === VAR_PROC) return name.name;
  const text = `'${keyword}': cannot set variable '${line.arg(1)}', only scope 'proc' is permitted in the global section.`;
  line.alert(1, 'bad-variable', text, { expected: 'proc.NAME' });
  return '';
}

function mistake(line: Line, i: number, e: SampleError): void {
  line.alert(i, e.later ? 'not-yet' : 'bad-expression', e.message, { nearest: e.nearest });
}

function setVar(line: Line, global: GlobalConf): void {
  const name = processName(line, 'a sample expression');
  if (name === '') return;
  const words = line.words.slice(2).map((w) => w.text);
  const { file, line: number, column } = line.pos(2);
  const parsed = parseSampleWords(words, {
    px: null,
    dir: SMP_OPT_DIR_REQ,
    context: CONTEXT,
    file,
    line: number,
    column,
    unresolved: global.sampleArgs,
  });
  if (isSampleError(parsed)) {
    mistake(line, 2 + parsed.word, parsed);
    return;
  }
  const { expr } = parsed;
  if ((expr.use & SMP_VAL_CFG_PARSER) === 0) {
    line.alert(2, 'not-available', notAvailableText(`set-var(${line.arg(1)})`, expr.use));
    return;
  }
  global.variables.push({ name, expr, format: null });
}

function setVarFormat(line: Line, global: GlobalConf): void {
  const name = processName(line, 'a format string');
  if (name === '') return;
  const { file, line: number, column } = line.pos(2);
  const format = parseLogFormat(line.arg(2), {
    px: null,
    dir: SMP_OPT_DIR_REQ,
    vals: SMP_VAL_CFG_PARSER,
    http: false,
    context: CONTEXT,
    file,
    line: number,
    column,
    unresolved: global.sampleArgs,
  });
  if (!isLogFormat(format)) {
    for (const e of format) mistake(line, 2, e);
    return;
  }
  global.variables.push({ name, expr: null, format });
}

function limit(word: string, field: keyof VarLimits): GlobalKeyword {
  return {
    words: word,
    sections: SEC_GLOBAL,
    syntax: `${word} <size>`,
    status: 'implemented',
    parse: (line, global) => {
      const { value, clean } = readInt(line.arg(1));
      if (!clean && line.arg(1) !== '') {
        line.alert(1, 'bad-number', `${word}: '${line.arg(1)}' is an invalid size`);
        return;
      }
      global.tune.vars[field] = Math.max(0, value);
    },
  };
}

export const globalVariables: readonly GlobalKeyword[] = [
  { words: 'set-var', sections: SEC_GLOBAL, syntax: 'set-var <var-name> <expr>', status: 'implemented', parse: setVar },
  {
    words: 'set-var-fmt',
    sections: SEC_GLOBAL,
    syntax: 'set-var-fmt <var-name> <fmt>',
    status: 'implemented',
    parse: setVarFormat,
  },
  limit('tune.vars.global-max-size', 'global'),
  limit('tune.vars.proc-max-size', 'proc'),
  limit('tune.vars.reqres-max-size', 'reqres'),
  limit('tune.vars.sess-max-size', 'sess'),
  limit('tune.vars.txn-max-size', 'txn'),
];
