// The analysers of a stream in their order: which ones it has, and running them. Each clears its own bit when it is done.
import type { Proxy } from '../../proxy/proxy.js';
import {
  AN_REQ_INSPECT_BE,
  AN_REQ_INSPECT_FE,
  AN_REQ_PRST_RDP_COOKIE,
  AN_REQ_SRV_RULES,
  AN_REQ_SWITCHING_RULES,
  AN_RES_INSPECT,
  CF_AUTO_CONNECT,
} from '../channel/flags.js';
import type { Stream } from '../stream/stream.js';
import { analyseRequestRules, analyseResponseRules } from './content-rules.js';
import { analyseRdpCookie, analyseServerRules } from './server-rules.js';
import { analyseSwitching } from './switching.js';

/** The analysers that a new stream of its frontend starts with. */
export function requestAnalysers(s: Stream): number {
  const rules = s.sess.fe.rules;
  if (rules !== null && rules.reqContent.length > 0) return AN_REQ_INSPECT_FE | AN_REQ_SWITCHING_RULES;
  return AN_REQ_SWITCHING_RULES;
}

/** The analysers that its backend adds once it is known. */
function addBackendAnalysers(s: Stream, be: Proxy): void {
  const { rules } = be;
  if (rules === null) return;
  const { req, res } = s;
  if (be !== s.sess.fe && rules.reqContent.length > 0) req.analysers |= AN_REQ_INSPECT_BE;
  if (rules.servers.length > 0) req.analysers |= AN_REQ_SRV_RULES;
  if (rules.rdpCookie !== null) req.analysers |= AN_REQ_PRST_RDP_COOKIE;
  if (rules.resContent.length > 0) res.analysers |= AN_RES_INSPECT;
}

/** Runs the analysers of the request until one has to wait. */
export function analyseRequest(s: Stream): void {
  const { req } = s;
  req.flags |= CF_AUTO_CONNECT;
  if ((req.analysers & AN_REQ_INSPECT_FE) !== 0 && !analyseRequestRules(s, s.sess.fe, AN_REQ_INSPECT_FE)) return;
  if ((req.analysers & AN_REQ_SWITCHING_RULES) !== 0) {
    analyseSwitching(s);
    addBackendAnalysers(s, s.be);
  }
  if ((req.analysers & AN_REQ_INSPECT_BE) !== 0 && !analyseRequestRules(s, s.be, AN_REQ_INSPECT_BE)) return;
  if ((req.analysers & AN_REQ_SRV_RULES) !== 0) analyseServerRules(s);
  if ((req.analysers & AN_REQ_PRST_RDP_COOKIE) !== 0) analyseRdpCookie(s);
}

/** Runs the analysers of the response. */
export function analyseResponse(s: Stream): void {
  if ((s.res.analysers & AN_RES_INSPECT) !== 0) analyseResponseRules(s);
}
