// The proxies and servers that commands name (management manual 9.3): `backend/server`, each by name or by `#id`.
import type { Proxy } from '../../proxy/proxy.js';
import type { Server } from '../../proxy/server.js';
import type { Instance } from '../../runtime/instance.js';
import { cliErr } from './message.js';
import type { CliCall, CliMessage } from './types.js';

function byNameOrId<T extends { readonly name: string; readonly id: number }>(
  all: readonly T[],
  word: string,
  fits: (one: T) => boolean,
): T | null {
  const id = /^#\d+$/.test(word) ? Number(word.slice(1)) : -1;
  return all.find((x) => fits(x) && (id >= 0 ? x.id === id : x.name === word)) ?? null;
}

export function findBackend(instance: Instance, word: string): Proxy | null {
  return byNameOrId(instance.proxies, word, (p) => p.isBackend && !p.disabled);
}

function findFrontend(instance: Instance, word: string): Proxy | null {
  return byNameOrId(instance.proxies, word, (p) => p.isFrontend && !p.disabled);
}

/** The server that `word` names, or what is wrong with it. */
export function serverOf(call: CliCall, word: string | undefined): Server | CliMessage {
  const slash = word === undefined ? -1 : word.indexOf('/');
  if (word === undefined || slash < 0 || slash === word.length - 1) return cliErr(`Require 'backend/server'.\n`);
  const px = findBackend(call.env.instance, word.slice(0, slash));
  if (px === null) return cliErr('No such backend.\n');
  return byNameOrId(px.servers, word.slice(slash + 1), () => true) ?? cliErr('No such server.\n');
}

/** The frontend that `word` names, or what is wrong with it. */
export function frontendOf(call: CliCall, word: string | undefined): Proxy | CliMessage {
  if (word === undefined) return cliErr('A frontend name is expected.\n');
  return findFrontend(call.env.instance, word) ?? cliErr('No such frontend.\n');
}

/** An integer as the reference reads it here: the digits at the start, 0 where there are none. */
export function looseInt(text: string): number {
  const m = /^\s*([+-]?\d+)/.exec(text);
  return m === null ? 0 : Number(m[1]);
}
