// Commands that HAProxy has (management manual 9.3) and sluice has not yet: they are answered by name, so that nobody looks
// for a mistake in his own typing.

const LATER: readonly string[] = [
  ...['abort', 'commit', 'del', 'new', 'set', 'show'].flatMap((w) => [`${w} ssl ca-file`, `${w} ssl crl-file`]),
  ...['abort', 'commit', 'del', 'new', 'set', 'show'].map((w) => `${w} ssl cert`),
  ...['add ssl crt-list', 'del ssl crt-list', 'show ssl crt-list'],
  ...['set ssl ocsp-response', 'show ssl ocsp-response', 'set ssl tls-key', 'show tls-keys', 'show ssl providers'],
  ...['add', 'clear', 'commit', 'del', 'get', 'prepare', 'show'].flatMap((w) => [`${w} acl`, `${w} map`]),
  'set map',
  ...['add server', 'del server'],
  ...['clear table', 'set table', 'show table'],
  ...['disable agent', 'disable health', 'enable agent', 'enable health'],
  ...['disable dynamic-cookie backend', 'enable dynamic-cookie backend', 'set dynamic-cookie-key backend'],
  ...['set profiling', 'show profiling', 'show tasks', 'show threads', 'show libs'],
  ...['show cache', 'show peers', 'show resolvers', 'show startup-logs', 'show schema json'],
  ...['show trace', 'trace', 'httpclient', 'debug dev'],
];

/** What is said of such a command, '' where `words` are none. */
export function laterText(words: readonly string[]): string {
  const found = LATER.find((name) => name.split(' ').every((w, i) => words[i] === w));
  return found === undefined ? '' : `'${found}' is known to HAProxy, but not in sluice yet.\n`;
}
