// The lines that open a section: `global`, `defaults [name] [from other]`, `frontend|backend|listen name [from defaults]`.

import { inheritProxy, newProxy } from './defaults.js';
import { SEC_BACKEND, SEC_DEFAULTS, SEC_FRONTEND, SEC_GLOBAL, SEC_LISTEN } from './keyword.js';
import { httpSectionEnds } from './keywords/http-use.js';
import { openRing } from './keywords/ring.js';
import { badNameCharacter } from './keywords/server.js';
import { proxyTypeName } from './keywords/sides.js';
import type { Line } from './line.js';
import { clip } from './reports.js';
import type { Scope } from './scope.js';
import type { ProxyConf, ProxyKind } from './types.js';

const PROXY_SECTIONS: Readonly<Record<ProxyKind, number>> = {
  defaults: SEC_DEFAULTS,
  frontend: SEC_FRONTEND,
  backend: SEC_BACKEND,
  listen: SEC_LISTEN,
};

export const SECTION_WORDS: readonly string[] = ['global', ...Object.keys(PROXY_SECTIONS), 'ring'];

/** Proxies by what they were declared as, so that 20,000 of them are compared in linear time; and the defaults sections. */
export class SectionReader {
  private readonly scope: Scope;
  private readonly frontends = new Map<string, ProxyConf>();
  private readonly backends = new Map<string, ProxyConf>();
  private readonly defaults: ProxyConf[] = [];
  private readonly named = new Map<string, ProxyConf[]>();
  private readonly referenced = new Set<ProxyConf>();
  /** Which kind of proxies inherits from a defaults section that has rules. */
  private readonly sideOfRules = new Map<ProxyConf, ProxyKind>();

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** True when the line opens a section (well or badly). */
  read(line: Line): boolean {
    const word = line.arg(0);
    const section = this.scope.section;
    if (word === 'global') {
      this.leave();
      Object.assign(section, { kind: word, name: word, bit: SEC_GLOBAL, proxy: null });
      line.tooMany(0);
      return true;
    }
    if (Object.hasOwn(PROXY_SECTIONS, word)) {
      this.leave();
      this.openProxy(line, word as ProxyKind);
      return true;
    }
    if (word === 'ring') {
      this.leave();
      const ring = openRing(line, this.scope);
      Object.assign(section, { kind: word, name: line.arg(1) || word, bit: 0, ring });
      return true;
    }
    if (this.scope.index.laterSections.has(word)) {
      this.leave();
      Object.assign(section, { kind: word, name: line.arg(1) || word, bit: 0, proxy: null });
      line.alert(0, 'not-yet', `section '${word}' is known to HAProxy, but not in sluice yet`);
      return true;
    }
    return false;
  }

  /** The section that was open has ended: at the next one, and at the end of each file. */
  leave(): void {
    const { section, reports } = this.scope;
    if (section.proxy !== null) httpSectionEnds(section.proxy, reports);
    Object.assign(section, { kind: '', name: '', bit: 0, proxy: null, ring: null });
  }

  private openProxy(line: Line, kind: ProxyKind): void {
    const section = this.scope.section;
    let name = line.arg(1);
    let at = 2;
    if (kind === 'defaults' && name === 'from') {
      name = '';
      at = 1;
    }
    if (kind !== 'defaults') this.checkName(line, kind, name);
    const model = this.model(line, kind, name, at);
    if (model !== null) this.checkRules(line, kind, model);
    const px = model === null ? newProxy(kind, name, line.pos(0)) : inheritProxy(model, kind, name, line.pos(0));
    Object.assign(section, { kind, name: name === '' ? kind : name, bit: PROXY_SECTIONS[kind], proxy: px });
    if (kind === 'defaults') {
      this.defaults.push(px);
      const same = this.named.get(name) ?? [];
      same.push(px);
      this.named.set(name, same);
      return;
    }
    this.checkDuplicate(line, px);
    this.scope.config.proxies.push(px);
  }

  private checkName(line: Line, kind: ProxyKind, name: string): void {
    if (name === '') {
      line.alert(1, 'missing-argument', `'${kind}' expects an <id> argument`, { expected: 'a name' });
      return;
    }
    const bad = badNameCharacter(name);
    if (bad !== '') {
      const text = `character '${bad}' is not permitted in '${kind}' name '${clip(name)}'.`;
      line.alert(1, 'bad-name', text, { expected: 'letters, digits, - _ . :' });
    }
  }

  /** The defaults section that the new one starts from: `from NAME`, else the last one; null for the built-in values. */
  private model(line: Line, kind: ProxyKind, name: string, at: number): ProxyConf | null {
    const from = line.arg(at);
    if (from === 'from' && line.arg(at + 1) !== '') {
      this.extraWords(line, kind, at + 2);
      return this.lookUp(line, kind, name, at + 1);
    }
    this.extraWords(line, kind, at);
    if (kind === 'defaults') return null;
    const last = this.defaults[this.defaults.length - 1] ?? null;
    if (last !== null && this.referenced.has(last)) {
      const where = `${last.position.file}:${last.position.line}`;
      const text = `defaults section '${last.name}' (declared at ${where}) is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references.`;
      line.alert(0, 'ambiguous-defaults', text, { fatal: false });
    }
    return last;
  }

  /** Rules of a defaults section are evaluated in front of a proxy's own: they belong to one side (manual 4). */
  private checkRules(line: Line, kind: ProxyKind, model: ProxyConf): void {
    if (!definesRules(model)) return;
    const where = `(defaults section at ${model.position.file}:${model.position.line})`;
    if (kind === 'listen') {
      const text = 'a listen section cannot inherit from a defaults section defining TCP/HTTP rules.';
      line.alert(0, 'rules-inherited', text, { form: 'tight' });
      return;
    }
    if (kind === 'defaults') {
      const text = `a defaults section cannot inherit from a defaults section defining TCP/HTTP rules ${where}.`;
      line.alert(0, 'rules-inherited', text, { form: 'tight' });
      return;
    }
    const side = this.sideOfRules.get(model);
    if (side !== undefined && side !== kind) {
      const text = `frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules ${where}.`;
      line.alert(0, 'rules-inherited', text, { form: 'tight' });
      return;
    }
    this.sideOfRules.set(model, kind);
    const { tcpRules: t } = model;
    const bad =
      kind === 'frontend' && t.resContent.length > 0
        ? "'tcp-response content'"
        : kind === 'backend' && t.reqConnection.length + t.reqSession.length > 0
          ? "'tcp-request connection' or 'tcp-request session'"
          : '';
    if (bad === '') return;
    const text = `a ${kind} section cannot inherit from a defaults section defining ${bad} rules ${where}.`;
    line.alert(0, 'rules-inherited', text, { form: 'tight' });
  }

  private extraWords(line: Line, kind: ProxyKind, at: number): void {
    if (kind === 'defaults' || line.arg(at) === '') return;
    line.alert(at, 'extra-argument', `please use the 'bind' keyword for listening addresses.`);
  }

  private lookUp(line: Line, kind: ProxyKind, name: string, at: number): ProxyConf | null {
    const wanted = line.arg(at);
    const found = this.named.get(wanted) ?? [];
    const who = `${kind} '${clip(name)}'`;
    if (found.length === 0) {
      line.alert(at, 'unknown-defaults', `defaults section '${clip(wanted)}' not found for ${who}.`);
      return null;
    }
    if (found.length > 1) {
      const [a, b] = found.map((p) => `${p.position.file}:${p.position.line}`);
      const text = `ambiguous defaults section name '${clip(wanted)}' referenced by ${who} exists at least at ${a!} and ${b!}.`;
      line.alert(at, 'ambiguous-defaults', text);
    }
    this.referenced.add(found[0]!);
    return found[0]!;
  }

  private checkDuplicate(line: Line, px: ProxyConf): void {
    const inFront = px.kind !== 'backend' ? this.frontends.get(px.name) : undefined;
    const other = inFront ?? (px.kind !== 'frontend' ? this.backends.get(px.name) : undefined);
    if (other !== undefined && px.name !== '') {
      const where = `declared at ${other.position.file}:${other.position.line}`;
      const text = `${proxyTypeName(px)} '${px.name}' has the same name as ${proxyTypeName(other)} '${other.name}' ${where}.`;
      line.alert(1, 'duplicate-name', text, { form: 'capital' });
      return;
    }
    if (px.kind !== 'backend') this.frontends.set(px.name, px);
    if (px.kind !== 'frontend') this.backends.set(px.name, px);
  }
}

/** Rules that proxies would inherit; ACLs alone are none. */
function definesRules(px: ProxyConf): boolean {
  const { tcpRules: t } = px;
  return (
    t.reqConnection.length + t.reqSession.length + t.reqContent.length + t.resContent.length > 0 ||
    px.httpUses.some((u) => u.kind === 'rules')
  );
}
