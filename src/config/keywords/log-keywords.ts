// Lines of proxies about logs: targets, tags, formats, unique ids (configuration manual 4.2, 8.2.6).

import { type ProxyKeyword, SEC_FRONT, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { type LogFormatConf, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { TCP_LOG_FORMAT } from '../log-formats.js';
import { parseLog } from './log.js';

type FormatField = 'logFormat' | 'logFormatSd' | 'errorLogFormat' | 'uniqueIdFormat';

function formatConf(line: Line, at: number, text: string, kind: LogFormatConf['kind']): LogFormatConf {
  return { text, kind, ready: null, position: line.pos(at) };
}

function parseLogTag(line: Line, px: ProxyConf): void {
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'log-tag' expects a tag for use in syslog.`);
    return;
  }
  px.logTag = line.arg(1);
}

function parseFormat(field: FormatField) {
  return (line: Line, px: ProxyConf): void => {
    const word = line.arg(0);
    if (line.arg(1) === '') {
      line.alert(1, 'missing-argument', `${word} expects an argument.`);
      return;
    }
    if (line.count > 2) {
      const text = `${word} expects only one argument, don't forget to escape spaces!`;
      line.alert(2, 'extra-argument', text, { expected: 'quotes around the format' });
      return;
    }
    if (field !== 'uniqueIdFormat' && (px.caps & (PR_CAP_FE | PR_CAP_DEF)) === 0) {
      const text = `backend '${px.name}' : '${word}' directive is ignored in backends.`;
      line.warning(0, 'wrong-section', text);
      return;
    }
    if (field === 'logFormat') overrides(line, px, `'log-format'`);
    px[field] = formatConf(line, 1, line.arg(1), 'custom');
  };
}

/** In a defaults section a second format is worth a warning. */
function overrides(line: Line, px: ProxyConf, what: string): void {
  const before = px.logFormat;
  if (before === null || (px.caps & PR_CAP_DEF) === 0 || before.position.line === line.number) return;
  const name = before.kind === 'custom' ? 'log-format' : 'option tcplog';
  line.warning(0, 'overrides', `${what} overrides previous '${name}' in 'defaults' section.`, { form: 'tight' });
}

function parseTcplog(line: Line, px: ProxyConf): void {
  if ((px.caps & (PR_CAP_FE | PR_CAP_DEF)) === 0) {
    const text = `backend '${px.name}' : 'option tcplog' directive is ignored in backends.`;
    line.warning(1, 'wrong-section', text);
    return;
  }
  const json = line.arg(2) === 'json';
  if (line.tooMany(json ? 1 : 0, 2)) return;
  overrides(line, px, `'option tcplog'`);
  px.options.tcplog = true;
  px.logFormat = formatConf(line, 1, json ? '' : TCP_LOG_FORMAT, json ? 'json' : 'tcplog');
}

function parseUniqueIdHeader(line: Line, px: ProxyConf): void {
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `unique-id-header expects an argument.`);
    return;
  }
  px.uniqueIdHeader = line.arg(1);
}

function format(words: string, field: FormatField): ProxyKeyword {
  return { words, sections: SEC_FRONT, syntax: `${words} <string>`, status: 'implemented', parse: parseFormat(field) };
}

export const logKeywords: readonly ProxyKeyword[] = [
  format('error-log-format', 'errorLogFormat'),
  {
    words: 'log',
    sections: SEC_PROXY,
    syntax:
      'log global | log <target> [len <length>] [format <format>] [sample <ranges>:<sample_size>] <facility> [<level> [<minlevel>]] | no log',
    status: 'implemented',
    negatable: true,
    parse: (line, px, scope) => parseLog(line, px.logs, false, scope),
  },
  format('log-format', 'logFormat'),
  format('log-format-sd', 'logFormatSd'),
  { words: 'log-tag', sections: SEC_PROXY, syntax: 'log-tag <string>', status: 'implemented', parse: parseLogTag },
  {
    words: 'option tcplog',
    sections: SEC_PROXY,
    syntax: 'option tcplog [json]',
    status: 'implemented',
    parse: parseTcplog,
  },
  format('unique-id-format', 'uniqueIdFormat'),
  {
    words: 'unique-id-header',
    sections: SEC_FRONT,
    syntax: 'unique-id-header <name>',
    status: 'implemented',
    parse: parseUniqueIdHeader,
  },
];
