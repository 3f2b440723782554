// Criteria that exist for ACLs alone (configuration manual, "ACL derivatives"): a fetch with a match method of its own.
import type { SampleExpression } from '../sample/types.js';

interface AclWord {
  readonly fetch: string;
  /** METHOD_WORDS, or 'dotted'. */
  readonly method: string;
}

const SUFFIXES = ['beg', 'dir', 'dom', 'end', 'len', 'reg', 'sub'];
/** Fetches whose derivatives are their name and a suffix. */
const SUFFIXED: Readonly<Record<string, string>> = {
  base: 'base',
  cook: 'req.cook',
  hdr: 'req.hdr',
  path: 'path',
  'req.cook': 'req.cook',
  'req.hdr': 'req.hdr',
  'res.cook': 'res.cook',
  'res.hdr': 'res.hdr',
  scook: 'res.cook',
  shdr: 'res.hdr',
  url: 'url',
  url_param: 'url_param',
  urlp: 'urlp',
};

const PLAIN: Readonly<Record<string, AclWord>> = {
  cook: { fetch: 'req.cook', method: 'str' },
  hdr: { fetch: 'req.hdr', method: 'str' },
  payload: { fetch: 'req.payload', method: '' },
  payload_lv: { fetch: 'req.payload_lv', method: '' },
  'req.ssl_ver': { fetch: 'req.ssl_ver', method: 'dotted' },
  req_ssl_ver: { fetch: 'req.ssl_ver', method: 'dotted' },
  scook: { fetch: 'res.cook', method: 'str' },
  shdr: { fetch: 'res.hdr', method: 'str' },
  ssl_fc_sni_end: { fetch: 'ssl_fc_sni', method: 'end' },
  ssl_fc_sni_reg: { fetch: 'ssl_fc_sni', method: 'reg' },
};

/** The fetch behind criterion `name`, and its own method ('' where the sample's type decides); null for plain fetches. */
export function aclWord(name: string): AclWord | null {
  if (Object.hasOwn(PLAIN, name)) return PLAIN[name]!;
  const at = name.lastIndexOf('_');
  const base = at > 0 ? name.slice(0, at) : '';
  const suffix = name.slice(at + 1);
  if (Object.hasOwn(SUFFIXED, base) && SUFFIXES.includes(suffix)) return { fetch: SUFFIXED[base]!, method: suffix };
  return null;
}

/** The word that an expression starts with. */
export function fetchWordOf(expr: SampleExpression): string {
  return /^[A-Za-z0-9._-]*/.exec(expr.text)![0];
}
