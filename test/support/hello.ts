// TLS hellos made by hand, for the parser's tests and for its corpus: binary strings.

const be16 = (n: number): string => String.fromCharCode((n >> 8) & 255, n & 255);
const be24 = (n: number): string => String.fromCharCode((n >> 16) & 255) + be16(n);

export function extension(type: number, value: string): string {
  return be16(type) + be16(value.length) + value;
}

export function sniExtension(name: string, type = 0): string {
  return extension(0, be16(name.length + 3) + String.fromCharCode(type) + be16(name.length) + name);
}

export function alpnExtension(...protocols: string[]): string {
  const list = protocols.map((p) => String.fromCharCode(p.length) + p).join('');
  return extension(16, be16(list.length) + list);
}

export interface HelloParts {
  readonly version?: string;
  readonly sessionId?: string;
  readonly ciphers?: string;
  readonly compression?: string;
  /** Null: no block at all. */
  readonly extensions?: string | null;
}

/** A ClientHello message with its head. */
export function clientHello(parts: HelloParts = {}): string {
  const { version = '\x03\x03', sessionId = '', ciphers = '\x13\x01\x00\x2f', compression = '\x01\x00' } = parts;
  const extensions = parts.extensions === undefined ? sniExtension('example.org') : parts.extensions;
  const block = extensions === null ? '' : be16(extensions.length) + extensions;
  const id = String.fromCharCode(sessionId.length) + sessionId;
  return message(1, version + 'R'.repeat(32) + id + be16(ciphers.length) + ciphers + compression + block);
}

/** A handshake message. */
export function message(type: number, body: string): string {
  return String.fromCharCode(type) + be24(body.length) + body;
}

/** A record of `fragment`. */
export function record(fragment: string, type = 22, version = '\x03\x01'): string {
  return String.fromCharCode(type) + version + be16(fragment.length) + fragment;
}
