// The log of one proxy: its targets, and for a frontend the lines of its sessions (configuration manual 8.2, 8.3).
import { connErrorText } from '../../datapath/connection/errors.js';
import {
  CO_ER_CIP_ABORT,
  CO_ER_CIP_EMPTY,
  CO_ER_CIP_TIMEOUT,
  CO_ER_NONE,
  CO_ER_PRX_ABORT,
  CO_ER_PRX_EMPTY,
  CO_ER_PRX_TIMEOUT,
} from '../../datapath/connection/flags.js';
import { CO_FL_KEEP_INFO } from '../../datapath/connection/flags.js';
import { connGetDst, connGetSrc, connLocal } from '../../datapath/proto/address.js';
import type { Address } from '../../datapath/proto/types.js';
import type { Session } from '../../datapath/session/session.js';
import {
  LOG_LEVEL_SILENT,
  SF_ERR_LOCAL,
  SF_ERR_MASK,
  SF_LOG_REDISP,
  SF_LOGGED,
  SF_MONITOR,
} from '../../datapath/stream/flags.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { logDate } from '../../policy/sample/log-format-dates.js';
import {
  LF_AT_ACCEPT,
  LF_AT_CONNECT,
  LF_AT_END,
  LF_NEED_BSRC,
  LF_NEED_DST,
  LF_NEED_INFO,
} from '../../policy/sample/log-format-aliases.js';
import { type LogFormat, logFormatStr } from '../../policy/sample/log-format.js';
import { SMP_OPT_DIR_RES, SMP_OPT_FINAL, type SampleContext } from '../../policy/sample/types.js';
import type { Proxy } from '../../proxy/proxy.js';
import { AF_UNIX } from '../../sys/constants.js';
import { sessionJson } from './session-json.js';
import type { LogSink } from './sink.js';
import { LOG_ERR, LOG_INFO } from './words.js';

/** Process-wide part of each line. */
export interface LogIdentity {
  readonly host: string;
  readonly tag: string;
  readonly pid: number;
  /** Wall clock, ms since 1970, fraction included where there is one. */
  readonly now: () => number;
}

/** Ends of handshakes in which nothing was said: `option dontlognull` is about these too. */
const SILENT: readonly number[] = [
  CO_ER_PRX_EMPTY,
  CO_ER_PRX_ABORT,
  CO_ER_PRX_TIMEOUT,
  CO_ER_CIP_EMPTY,
  CO_ER_CIP_ABORT,
  CO_ER_CIP_TIMEOUT,
];

export class ProxyLog {
  readonly px: Proxy;
  readonly sinks: readonly LogSink[];
  private readonly id: LogIdentity;
  private readonly tag: string;
  private readonly format: LogFormat | null;
  private readonly formatSd: LogFormat | null;
  private readonly formatError: LogFormat | null;
  private readonly json: boolean;
  /** LF_AT_*: when the lines of sessions are sent. */
  private readonly at: number;
  private readonly needs: number;

  constructor(px: Proxy, sinks: readonly LogSink[], identity: LogIdentity) {
    const { conf } = px;
    this.px = px;
    this.sinks = sinks;
    this.id = identity;
    this.tag = conf.logTag === '' ? identity.tag : conf.logTag;
    this.format = conf.logFormat?.ready ?? null;
    this.formatSd = conf.logFormatSd?.ready ?? null;
    this.formatError = conf.errorLogFormat?.ready ?? null;
    this.json = conf.logFormat?.kind === 'json';
    const id = conf.uniqueIdFormat?.ready?.needs ?? 0;
    const needs = id | (this.format?.needs ?? 0) | (this.formatSd?.needs ?? 0);
    if (this.json) this.needs = needs | LF_NEED_DST | LF_NEED_BSRC;
    else this.needs = this.format === null ? needs | LF_NEED_DST : needs;
    if (this.json) this.at = LF_AT_END;
    else this.at = Math.max(this.format?.at ?? LF_AT_ACCEPT, this.formatSd?.at ?? LF_AT_ACCEPT);
  }

  /** A message about the proxy: a state of its servers, its end. */
  say(level: number, text: string): void {
    this.send(level, text, '');
  }

  /** A stream begins. */
  begins(s: Stream): void {
    const { origin } = s.sess;
    if (origin !== null) {
      if ((this.needs & LF_NEED_DST) !== 0) connGetDst(origin);
      if ((this.needs & LF_NEED_INFO) !== 0) origin.flags |= CO_FL_KEEP_INFO;
    }
    if (this.at === LF_AT_ACCEPT) this.line(s);
  }

  /** Its server is connected. */
  connected(s: Stream): void {
    if ((this.needs & LF_NEED_BSRC) !== 0) {
      const conn = s.sib.cs?.conn ?? null;
      if (conn !== null) {
        s.backDst = conn.dst;
        s.backSrc = conn.src ?? connLocal(conn);
      }
    }
    if (this.at === LF_AT_CONNECT || this.px.conf.options.logasap) this.line(s);
  }

  /** Both its sides are closed. */
  ended(s: Stream): void {
    if (this.px.conf.options.dontlognull && s.bytesIn === 0) return;
    this.line(s);
  }

  private line(s: Stream): void {
    if ((s.flags & (SF_LOGGED | SF_MONITOR)) !== 0 || s.logLevel === LOG_LEVEL_SILENT) return;
    const { options } = this.px.conf;
    const failed = (s.flags & SF_LOG_REDISP) !== 0 || (s.flags & SF_ERR_MASK) > SF_ERR_LOCAL || s.retries > 0;
    if (options.dontlogNormal && !failed && (this.format !== null || this.json)) return;
    s.flags |= SF_LOGGED;
    const ctx = this.context(s.sess, s);
    const text = this.json
      ? sessionJson(s)
      : this.format === null
        ? this.plain(s.sess)
        : logFormatStr(this.format, ctx);
    const sd = this.formatSd === null ? '' : logFormatStr(this.formatSd, ctx);
    const level = failed && options.logSeparateErrors ? LOG_ERR : LOG_INFO;
    this.send(s.logLevel === 0 ? level : s.logLevel - 1, text, sd);
    this.px.logLines++;
  }

  /** A session that never had a stream: a handshake failed. `code`: CO_ER_*. */
  embryonic(sess: Session, code: number): void {
    if (code === CO_ER_NONE || (this.format === null && this.formatError === null && !this.json)) return;
    const { options } = this.px.conf;
    if (options.dontlognull && SILENT.includes(code)) return;
    const ctx = this.context(sess, null);
    const text =
      this.formatError === null
        ? `${clientText(sess)} [${logDate(sess.acceptMs)}] ${this.px.name}/${sess.listener.conf.name || sess.listener.conf.id}: ${connErrorText(code)}`
        : logFormatStr(this.formatError, ctx);
    this.send(options.logSeparateErrors ? LOG_ERR : LOG_INFO, text, '');
    this.px.logLines++;
  }

  /** The line without any format (manual 8.2.1). */
  private plain(sess: Session): string {
    const { front, listener } = sess;
    const mode = this.px.conf.mode.toUpperCase();
    if (listener.address.family === AF_UNIX) return `Connect to unix:${listener.conf.id} (${this.px.name}/${mode})`;
    return `Connect from ${clientText(sess)} to ${pair(connGetDst(front))} (${this.px.name}/${mode})`;
  }

  private context(sess: Session, strm: Stream | null): SampleContext {
    return { px: this.px, sess, strm, opt: SMP_OPT_DIR_RES | SMP_OPT_FINAL };
  }

  private send(level: number, text: string, sd: string): void {
    const { id } = this;
    const message = { level, ms: id.now(), tag: this.tag, sd, pid: id.pid, host: id.host, text };
    for (const sink of this.sinks) sink.send(message);
  }
}

function pair(a: Address | null): string {
  return a === null ? '-' : `${a.host}:${a.port}`;
}

function clientText(sess: Session): string {
  const { front, listener } = sess;
  const src = connGetSrc(front);
  if (src === null) return listener.address.family === AF_UNIX ? `unix:${listener.conf.id}` : '-';
  return pair(src);
}
