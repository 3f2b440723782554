// Authorities of request targets (RFC 9112 §3.2, RFC 3986 §3.2), and whether one is what a Host field says.

export interface TargetAuthority {
  /** Without user information; '' for none. */
  readonly authority: string;
  /** Ports that may be left out. */
  readonly ports: readonly string[];
}

const DEFAULT_PORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['http', ['80']],
  ['https', ['443']],
]);

/** `target` as written: a path, `*`, an absolute URI, or an authority alone. */
export function authorityOf(target: string, connect: boolean): TargetAuthority {
  if (target.startsWith('/') || target.startsWith('*')) return { authority: '', ports: [] };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(target);
  const rest = scheme === null ? target : target.slice(scheme[0].length);
  const slash = rest.indexOf('/');
  const whole = slash < 0 ? rest : rest.slice(0, slash);
  const ports = connect ? ['80', '443'] : (DEFAULT_PORTS.get(scheme?.[1]?.toLowerCase() ?? '') ?? []);
  return { authority: whole.slice(whole.lastIndexOf('@') + 1), ports };
}

/** What stands behind the last colon; '' where there is none. */
export function portOf(authority: string): string {
  const colon = authority.lastIndexOf(':');
  return colon < 0 ? '' : authority.slice(colon + 1);
}

/** The same, or the same but for a port of `ports`, which may also be an empty one. */
export function sameAuthority(one: string, other: string, ports: readonly string[]): boolean {
  const a = one.toLowerCase();
  const b = other.toLowerCase();
  if (a === b) return true;
  return ports.some((port) => withoutPort(a, port) === withoutPort(b, port));
}

function withoutPort(authority: string, port: string): string {
  const given = portOf(authority);
  if (given !== port && !authority.endsWith(':')) return authority;
  return authority.slice(0, authority.length - given.length - 1);
}
