// The log formats of all proxies, parsed once everything is read (configuration manual 8.2.6): names of proxies and servers in their
// expressions are resolved afterwards.

import { isLogFormat, parseLogFormat } from '../policy/sample/log-format.js';
import { SMP_OPT_DIR_RES, SMP_VAL_FE_LOG_END } from '../policy/sample/types.js';
import type { Reports } from './reports.js';
import { type Configuration, type LogFormatConf, PR_CAP_FE, type ProxyConf } from './types.js';

/** What `option tcplog` stands for (manual 8.2.2). */
export const TCP_LOG_FORMAT = '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq';

/** Fills `ready` of every format of the frontends. */
export function compileLogFormats(config: Configuration, reports: Reports): void {
  for (const px of config.proxies) {
    if ((px.caps & PR_CAP_FE) === 0) continue;
    if (px.options.tcplog && px.logFormat === null)
      px.logFormat = { text: TCP_LOG_FORMAT, kind: 'tcplog', ready: null, position: px.position };
    compile(px, px.logFormat, 'log-format', reports);
    compile(px, px.logFormatSd, 'log-format-sd', reports);
    compile(px, px.errorLogFormat, 'error-log-format', reports);
    compile(px, px.uniqueIdFormat, 'unique-id', reports);
  }
}

function compile(px: ProxyConf, format: LogFormatConf | null, word: string, reports: Reports): void {
  if (format === null || format.kind === 'json') return;
  const { position } = format;
  const r = parseLogFormat(format.text, {
    px,
    dir: SMP_OPT_DIR_RES,
    vals: SMP_VAL_FE_LOG_END,
    http: px.mode === 'http',
    dash: word !== 'unique-id',
    context: word,
    file: position.file,
    line: position.line,
    column: position.column,
  });
  if (isLogFormat(r)) {
    format.ready = r;
    return;
  }
  for (const e of r) {
    const place = { ...position, column: position.column + e.at, length: Math.max(1, e.length) };
    const message = e.later ? e.message : `failed to parse ${word} : ${e.message}.`;
    reports.add('alert', e.later ? 'not-yet' : 'bad-format', message, place, {
      form: e.later ? 'parsing' : 'capital',
      keyword: word,
      nearest: e.nearest,
      expected: 'a log format',
    });
  }
}
