// The analysers that choose a server before load balancing does: use-server rules (AN_REQ_SRV_RULES), and the RDP cookie
// (AN_REQ_PRST_RDP_COOKIE), which names a server by its address (configuration manual 4.2).
import { condEval } from '../../policy/acl/condition.js';
import { COND_PASS } from '../../policy/acl/types.js';
import { textOf } from '../../policy/sample/binary.js';
import { SMP_OPT_DIR_REQ, SMP_OPT_FINAL } from '../../policy/sample/types.js';
import type { Server } from '../../proxy/server.js';
import { AF_INET } from '../../sys/constants.js';
import { AN_REQ_PRST_RDP_COOKIE, AN_REQ_SRV_RULES } from '../channel/flags.js';
import { SF_ASSIGNED } from '../stream/flags.js';
import type { Stream } from '../stream/stream.js';
import { ruleContext } from './content-rules.js';

/** A rule may send to a server without weight, and to a draining one; to one that is down only where persistence is forced. */
function takesRule(s: Stream, server: Server): boolean {
  return server.reachable || s.be.conf.options.persist || forced(s);
}

/** `force-persist`, `ignore-persist`: the first rule that holds. */
function forced(s: Stream): boolean {
  const ctx = ruleContext(s, s.be, SMP_OPT_DIR_REQ | SMP_OPT_FINAL);
  for (const rule of s.be.rules!.persist) if (condEval(rule.cond, ctx) === COND_PASS) return rule.force;
  return false;
}

export function analyseServerRules(s: Stream): void {
  s.req.analysers &= ~AN_REQ_SRV_RULES;
  if ((s.flags & SF_ASSIGNED) !== 0) return;
  const { be } = s;
  const ctx = ruleContext(s, be, SMP_OPT_DIR_REQ | SMP_OPT_FINAL);
  for (const rule of be.rules!.servers) {
    if (condEval(rule.cond, ctx) !== COND_PASS) continue;
    let { server } = rule;
    if (rule.format !== null) {
      const name = textOf(rule.format(ctx));
      server = be.servers.find((x) => x.name === name) ?? null;
      if (server === null) return; // a made name that no server has: load balancing
    }
    if (server === null || !takesRule(s, server)) continue;
    assign(s, server);
    return;
  }
}

/** `msts=3640205228.15629.0000`: the server's IPv4 address as a little-endian number, its port with the bytes swapped. */
export function analyseRdpCookie(s: Stream): void {
  const { be, req } = s;
  req.analysers &= ~AN_REQ_PRST_RDP_COOKIE;
  if ((s.flags & SF_ASSIGNED) !== 0) return;
  const value = be.rules!.rdpCookie!.evalStr(ruleContext(s, be, SMP_OPT_DIR_REQ | SMP_OPT_FINAL));
  const m = value === null ? null : /^(\d{1,10})\.(\d{1,5})\./.exec(value);
  if (m === null) return;
  const number = Number(m[1]);
  const swapped = Number(m[2]);
  if (number > 0xffffffff || swapped > 0xffff) return;
  const host = `${number & 255}.${(number >>> 8) & 255}.${(number >>> 16) & 255}.${number >>> 24}`;
  const port = ((swapped & 255) << 8) | (swapped >> 8);
  for (const server of be.servers) {
    const { address } = server;
    if (address.family !== AF_INET || address.host !== host || address.port !== port) continue;
    if (takesRule(s, server)) assign(s, server);
    return;
  }
}

function assign(s: Stream, server: Server): void {
  s.server = server;
  s.flags |= SF_ASSIGNED;
}
