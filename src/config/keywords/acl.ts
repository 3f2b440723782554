// `acl NAME CRITERION ...` (configuration manual 7.1).

import { parseAclLine } from '../../policy/acl/parse-condition.js';
import { type ProxyKeyword, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import { PR_CAP_DEF, type ProxyConf } from '../types.js';
import { badNameCharacter } from './server.js';

function parseAcl(line: Line, px: ProxyConf, scope: Scope): void {
  if ((px.caps & PR_CAP_DEF) !== 0 && px.name === '') {
    line.alert(0, 'wrong-section', `'acl' not allowed in anonymous 'defaults' section.`, {
      expected: 'a name for the defaults section',
    });
    return;
  }
  const name = line.arg(1);
  if (name === '') return; // as the reference: nothing is declared
  const bad = badNameCharacter(name);
  if (bad !== '') {
    const text = `character '${bad}' is not permitted in acl name '${clip(name)}'.`;
    line.alert(1, 'bad-name', text, { expected: 'letters, digits, - _ . :' });
    return;
  }
  if (name === 'or') {
    const text = `acl name 'or' will never match. 'or' is used to express a logical disjunction within a condition.`;
    line.alert(1, 'bad-name', text);
    return;
  }
  parseAclLine(line, px, scope);
}

export const aclKeywords: readonly ProxyKeyword[] = [
  {
    words: 'acl',
    sections: SEC_PROXY,
    syntax: 'acl <aclname> <criterion> [flags] [operator] [<value>] ...',
    status: 'implemented',
    parse: parseAcl,
  },
];
