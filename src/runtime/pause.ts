// SIGTTOU and SIGTTIN: every listener of the process takes no more connections, and takes them again (management manual 4: an
// old process steps aside for a new one, and comes back when that one could not start).
import { LI_CLOSED, LI_PAUSED, type Listener } from '../datapath/proto/listener.js';
import { LOG_WARNING } from '../observe/log/words.js';
import type { Instance } from './instance.js';

/** Pauses them all. Returns what there is to say, a line for each proxy that changed; their logs were told. */
export function pauseAll(instance: Instance): string[] {
  return each(instance, 'Paused', (l) => {
    if (l.state === LI_PAUSED || l.state === LI_CLOSED) return false;
    l.pause();
    return true;
  });
}

/** Resumes them all, those that were paused by hand as well. A port that somebody else has by now stays with them. */
export function resumeAll(instance: Instance): string[] {
  return each(instance, 'Resumed', (l) => l.state === LI_PAUSED && l.unpause());
}

function each(instance: Instance, done: string, change: (l: Listener) => boolean): string[] {
  const lines: string[] = [];
  const others = new Set(instance.listeners);
  const changed = (listeners: Iterable<Listener>): boolean => {
    let any = false;
    for (const l of listeners) {
      others.delete(l);
      any = change(l) || any;
    }
    return any;
  };
  for (const px of instance.proxies) {
    if (!changed(px.listeners)) continue;
    const text = `${done} ${px.conf.kind === 'listen' ? 'proxy' : 'frontend'} ${px.name}.`;
    px.log?.say(LOG_WARNING, text);
    lines.push(text);
  }
  if (changed([...others])) lines.push(`${done} frontend GLOBAL.`); // the stats sockets
  return lines;
}
