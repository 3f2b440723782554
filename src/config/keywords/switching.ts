// `use_backend`, `use-server`, `persist rdp-cookie`, `force-persist`, `ignore-persist`, `rate-limit sessions` (configuration
// manual 4.2).

import { conditionConflict, parseCondition } from '../../policy/acl/parse-condition.js';
import type { Condition } from '../../policy/acl/types.js';
import type { TextFormat } from '../../policy/rules/types.js';
import { isSampleError, parseSampleExpr } from '../../policy/sample/expr.js';
import { isLogFormat, logFormatStr, parseLogFormat } from '../../policy/sample/log-format.js';
import { SMP_OPT_DIR_REQ, SMP_VAL_BE_REQ_CNT, SMP_VAL_FE_REQ_CNT } from '../../policy/sample/types.js';
import {
  type KeywordGroup,
  type ProxyKeyword,
  SEC_BACK,
  SEC_BACKEND,
  SEC_FRONT,
  SEC_FRONTEND,
  SEC_LISTEN,
} from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { ignoredHere, uselessHere } from './sides.js';

function inDefaults(line: Line, px: ProxyConf): boolean {
  if ((px.caps & PR_CAP_DEF) === 0) return false;
  line.alert(0, 'wrong-section', `'${line.arg(0)}' not allowed in 'defaults' section.`);
  return true;
}

/** A condition with its warning; null after a report. */
function condition(
  line: Line,
  at: number,
  px: ProxyConf,
  scope: Scope,
  what: string,
  allowed: number,
  place: string,
): Condition | null {
  const cond = parseCondition(line, at, px, scope, (m) => `error detected while parsing ${what} : ${m}.`);
  if (cond === null) return null;
  const conflict = conditionConflict(cond, allowed, place, '');
  if (conflict !== '') line.warning(at, 'never-matches', conflict);
  return cond;
}

/** The name in word 1 as a log format; null for a plain name, undefined after a report. */
function nameFormat(
  line: Line,
  px: ProxyConf,
  vals: number,
  framing: (m: string) => string,
): TextFormat | null | undefined {
  const text = line.arg(1);
  if (!text.includes('%')) return null;
  const format = parseLogFormat(text, {
    px,
    dir: SMP_OPT_DIR_REQ,
    vals,
    http: px.mode === 'http',
    context: `${line.arg(0)} rule`,
    file: line.file,
    line: line.number,
    column: line.pos(1).column,
  });
  if (!isLogFormat(format)) {
    for (const e of format) {
      if (e.later) line.alert(1, 'not-yet', e.message);
      else line.alert(1, 'bad-format', framing(e.message), { form: 'capital', nearest: e.nearest });
    }
    return undefined;
  }
  return (ctx) => logFormatStr(format, ctx);
}

function parseUseBackend(line: Line, px: ProxyConf, scope: Scope): void {
  if (inDefaults(line, px)) return;
  ignoredHere(line, px, PR_CAP_FE);
  const name = line.arg(1);
  if (name === '') {
    line.alert(1, 'missing-argument', `'use_backend' expects a backend name.`, {
      expected: 'a backend or listen section',
    });
    return;
  }
  const word = line.arg(2);
  let cond: Condition | null = null;
  if (word === 'if' || word === 'unless') {
    cond = condition(line, 2, px, scope, 'switching rule', SMP_VAL_FE_REQ_CNT, 'frontend use-backend rule');
    if (cond === null) return;
  } else if (word !== '') {
    const text = `unexpected keyword '${clip(word)}' after switching rule, only 'if' and 'unless' are allowed.`;
    line.alert(2, 'extra-argument', text, { expected: "'if' or 'unless'" });
    return;
  }
  const framing = (m: string): string => `failed to parse use_backend rule '${clip(name)}' : ${m}.`;
  const format = nameFormat(line, px, SMP_VAL_FE_REQ_CNT, framing);
  if (format === undefined) return;
  // `%%` alone makes no format of a name.
  const made = format !== null && name.replaceAll('%%', '').includes('%') ? format : null;
  px.switching.push({ name, format: made, cond, position: line.pos(1), proxy: null });
}

const SERVER_PLACE = 'backend use-server, balance or stick-match rule';

function parseUseServer(line: Line, px: ProxyConf, scope: Scope): void {
  if (inDefaults(line, px)) return;
  ignoredHere(line, px, PR_CAP_BE);
  const name = line.arg(1);
  if (name === '') {
    line.alert(1, 'missing-argument', `'use-server' expects a server name.`);
    return;
  }
  const word = line.arg(2);
  if (word !== 'if' && word !== 'unless') {
    const text = `'use-server' requires either 'if' or 'unless' followed by a condition.`;
    line.alert(2, 'missing-argument', text, { expected: "'if' or 'unless'" });
    return;
  }
  const cond = condition(line, 2, px, scope, 'switching rule', SMP_VAL_BE_REQ_CNT, SERVER_PLACE);
  if (cond === null) return;
  const framing = (m: string): string => `use-server rule failed to parse log-format '${clip(name)}' : ${m}.`;
  const format = nameFormat(line, px, SMP_VAL_BE_REQ_CNT, framing);
  if (format === undefined) return;
  px.serverRules.push({ name, format, cond, position: line.pos(1) });
}

function parsePersistRule(line: Line, px: ProxyConf, scope: Scope): void {
  const keyword = line.arg(0);
  if (inDefaults(line, px)) return;
  if (ignoredHere(line, px, PR_CAP_BE)) return;
  const word = line.arg(1);
  if (word !== 'if' && word !== 'unless') {
    const text = `'${keyword}' requires either 'if' or 'unless' followed by a condition.`;
    line.alert(1, 'missing-argument', text, { expected: "'if' or 'unless'" });
    return;
  }
  const cond = condition(
    line,
    1,
    px,
    scope,
    `a '${keyword}' rule`,
    SMP_VAL_BE_REQ_CNT,
    'backend tcp-request content rule',
  );
  if (cond !== null) px.persistRules.push({ force: keyword === 'force-persist', cond });
}

function parsePersist(line: Line, px: ProxyConf): void {
  const word = line.arg(1);
  if (word === '') {
    line.alert(1, 'missing-argument', 'missing persist method.', { expected: "'rdp-cookie'" });
    return;
  }
  if (!word.startsWith('rdp-cookie')) {
    line.alert(1, 'unknown-word', 'unknown persist method.', { expected: "'rdp-cookie'" });
    return;
  }
  let name = 'msts';
  if (word.startsWith('rdp-cookie(')) {
    const close = word.indexOf(')');
    name = close < 0 ? '' : word.slice('rdp-cookie('.length, close);
    if (name === '') {
      const text = `persist rdp-cookie(name)' requires an rdp cookie name.`;
      line.alert(1, 'missing-argument', text);
      return;
    }
  }
  const parsed = parseSampleExpr(`req.rdp_cookie(${name})`, { px, dir: SMP_OPT_DIR_REQ });
  if (isSampleError(parsed)) {
    line.alert(1, parsed.later ? 'not-yet' : 'bad-argument', parsed.message);
    return;
  }
  px.rdpCookie = parsed.expr;
}

function parseRateLimit(line: Line, px: ProxyConf): void {
  uselessHere(line, px, PR_CAP_FE, 'rate-limit sessions');
  const text = line.arg(2);
  if (text === '') {
    const message = `'rate-limit sessions' expects expects an integer value (in sessions/second)`;
    line.alert(2, 'missing-argument', message, { expected: 'an integer' });
    return;
  }
  const bad = /^-?\d+/.exec(text)?.[0].length ?? 0;
  if (bad < text.length) {
    const message = `'rate-limit sessions' : unexpected character '${text[bad]!}' in integer value '${clip(text)}'`;
    line.alert(2, 'not-a-number', message, { expected: 'an integer' });
    return;
  }
  if (px.rateLimit !== 0) {
    line.warning(0, 'twice', 'overwriting rate-limit sessions which was already specified', {
      keyword: 'rate-limit sessions',
    });
  }
  px.rateLimit = Math.max(0, Number(text));
}

export const switchingKeywords: readonly ProxyKeyword[] = [
  {
    words: 'use_backend',
    sections: SEC_FRONTEND | SEC_LISTEN,
    syntax: 'use_backend <backend> [{if | unless} <condition>]',
    status: 'implemented',
    parse: parseUseBackend,
  },
  {
    words: 'use-server',
    sections: SEC_BACKEND | SEC_LISTEN,
    syntax: 'use-server <server> { if | unless } <condition>',
    status: 'implemented',
    parse: parseUseServer,
  },
  ...['force-persist', 'ignore-persist'].map((words) => ({
    words,
    sections: SEC_BACKEND | SEC_LISTEN,
    syntax: `${words} { if | unless } <condition>`,
    status: 'implemented' as const,
    parse: parsePersistRule,
  })),
  {
    words: 'persist',
    sections: SEC_BACK,
    syntax: 'persist rdp-cookie[(<name>)]',
    status: 'implemented',
    parse: parsePersist,
  },
  {
    words: 'rate-limit sessions',
    sections: SEC_FRONT,
    syntax: 'rate-limit sessions <rate>',
    status: 'implemented',
    parse: parseRateLimit,
  },
];

export const rateLimitGroup: KeywordGroup = {
  word: 'rate-limit',
  unknown: (line, nearest) => {
    line.alert(1, 'unknown-keyword', `'rate-limit' only supports 'sessions' (got '${clip(line.arg(1))}')`, { nearest });
  },
};
