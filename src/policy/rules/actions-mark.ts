// Actions that mark the session: set-mark and set-tos on its packets, set-nice on its task, set-log-level on its log line,
// set-priority-class and set-priority-offset on its place in queues; and capture.
import { AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, SO_MARK, SOL_SOCKET } from '../../sys/constants.js';
import { connGetDst, connGetSrc } from '../../datapath/proto/address.js';
import { LOG_LEVEL_SILENT } from '../../datapath/stream/flags.js';
import { smpCast } from '../sample/casts.js';
import { SampleValue } from '../sample/sample.js';
import { SMP_T_STR, SMP_USE_L6REQ, type SampleContext } from '../sample/types.js';
import { clientConn } from './actions-verdict.js';
import { intOf } from './actions-var.js';
import { built } from './rows.js';
import {
  ACT_CONT,
  type ActionDef,
  type ActionParser,
  type ActionPlace,
  type ParsedAction,
  RULE_TCP_ALL,
  RULE_TCP_REQ,
  RULE_TCP_REQ_CONT,
  RULE_TCP_RES_CONT,
} from './types.js';
import { readExpr, readMark } from './words.js';
import { PR_CAP_DEF, PR_CAP_FE } from '../../config/types.js';

const IP_TOS = 1;
const IPV6_TCLASS = 67;
const NICE_MAX = 1024;
const CLASS_MAX = 2047n;
const OFFSET_MAX = 524287n;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

const scratch = new SampleValue();

function plain(name: string, next: number, run: (ctx: SampleContext) => void): ParsedAction {
  return {
    action: {
      name,
      final: false,
      run: (ctx) => {
        run(ctx);
        return ACT_CONT;
      },
    },
    next,
  };
}

function parseSetMark(place: ActionPlace, at: number): ParsedAction | null {
  const mark = readMark(place, at + 1);
  if (mark < 0) return null;
  return plain('set-mark', at + 2, (ctx) => {
    const conn = clientConn(ctx);
    if (conn !== null && conn.fd >= 0) conn.thr.sys.setsockopt(conn.fd, SOL_SOCKET, SO_MARK, mark | 0);
  });
}

function parseSetTos(place: ActionPlace, at: number): ParsedAction | null {
  const value = readMark(place, at + 1);
  if (value < 0) return null;
  const tos = value & 255;
  return plain('set-tos', at + 2, (ctx) => {
    const conn = clientConn(ctx);
    if (conn === null || conn.fd < 0) return;
    const family = (connGetSrc(conn) ?? connGetDst(conn))?.family ?? 0;
    if (family === AF_INET) conn.thr.sys.setsockopt(conn.fd, IPPROTO_IP, IP_TOS, tos);
    else if (family === AF_INET6) conn.thr.sys.setsockopt(conn.fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
  });
}

function parseSetNice(place: ActionPlace, at: number): ParsedAction | null {
  const { line } = place;
  if (line.arg(at + 1) === '') {
    line.alert(at + 1, 'missing-argument', 'expects exactly 1 argument (integer value)');
    return null;
  }
  const nice = Math.max(-NICE_MAX, Math.min(NICE_MAX, line.int(at + 1)));
  return plain('set-nice', at + 2, (ctx) => {
    if (ctx.strm !== null) ctx.strm.task.nice = nice;
  });
}

function parseSetLogLevel(place: ActionPlace, at: number): ParsedAction | null {
  const { line } = place;
  const word = line.arg(at + 1);
  const level = word === 'silent' ? LOG_LEVEL_SILENT : LEVELS.indexOf(word) + 1;
  if (level === 0) {
    const text = `expects exactly 1 argument (log level name or 'silent')`;
    line.alert(at + 1, 'unknown-word', text, { expected: [...LEVELS, 'silent'].join(', ') });
    return null;
  }
  return plain('set-log-level', at + 2, (ctx) => {
    if (ctx.strm !== null) ctx.strm.logLevel = level;
  });
}

function parsePriority(word: 'set-priority-class' | 'set-priority-offset', max: bigint): ActionParser {
  return (place, at) => {
    const read = readExpr(place, at + 1, { subject: place.line.arg(0) });
    if (read === null) return null;
    const { expr } = read;
    return plain(word, read.next, (ctx) => {
      const value = intOf(expr, ctx);
      const { strm } = ctx;
      if (value === null || strm === null) return;
      const n = Number(value > max ? max : value < -max ? -max : value);
      if (word === 'set-priority-class') strm.prioClass = n;
      else strm.prioOffset = n;
    });
  };
}

function parseCapture(place: ActionPlace, at: number): ParsedAction | null {
  const { line, px } = place;
  const lead = `'${place.ruleset} capture' : `;
  if (place.rule !== RULE_TCP_REQ_CONT) {
    const words = `capture ${line.arg(at + 1)}`.trimEnd();
    const text = `'${words}' is not allowed in '${place.ruleset}' rules in ${place.who}`;
    line.alert(at, 'wrong-ruleset', text, { expected: "a 'tcp-request content' rule" });
    return null;
  }
  if ((px.caps & (PR_CAP_FE | PR_CAP_DEF)) === 0) {
    line.alert(at, 'wrong-section', `${lead}proxy '${px.name}' has no frontend capability`);
    return null;
  }
  const read = readExpr(place, at + 1, { subject: '', lead });
  if (read === null) return null;
  if (line.arg(read.next) !== 'len') {
    line.alert(read.next, 'missing-argument', `${lead}a positive 'len' argument is mandatory`, { expected: "'len'" });
    return null;
  }
  const length = line.int(read.next + 1);
  if (length <= 0) {
    line.alert(read.next + 1, 'bad-number', `${lead}length must be > 0`);
    return null;
  }
  const slot = px.reqCaptures.push(length) - 1;
  const { expr } = read;
  const parsed = plain('capture', read.next + 2, (ctx) => {
    const { strm } = ctx;
    if (strm === null || !expr.eval(ctx, scratch) || !smpCast(scratch, SMP_T_STR)) return;
    strm.reqCaptures ??= new Array<string | null>(strm.sess.fe.conf.reqCaptures.length).fill(null);
    if (slot < strm.reqCaptures.length) strm.reqCaptures[slot] = scratch.str.slice(0, length);
  });
  return { ...parsed, action: { ...parsed.action, needsContents: (expr.use & SMP_USE_L6REQ) !== 0 } };
}

export const markActions: readonly ActionDef[] = [
  built('set-mark <mark>', RULE_TCP_ALL, parseSetMark),
  built('set-tos <tos>', RULE_TCP_ALL, parseSetTos),
  built('set-nice <nice>', RULE_TCP_REQ_CONT | RULE_TCP_RES_CONT, parseSetNice),
  built('set-log-level <level>', RULE_TCP_REQ_CONT | RULE_TCP_RES_CONT, parseSetLogLevel),
  built('set-priority-class <expr>', RULE_TCP_REQ_CONT, parsePriority('set-priority-class', CLASS_MAX)),
  built('set-priority-offset <expr>', RULE_TCP_REQ_CONT, parsePriority('set-priority-offset', OFFSET_MAX)),
  built('capture <sample> len <length>', RULE_TCP_REQ, parseCapture),
];
