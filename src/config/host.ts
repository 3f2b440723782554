// The system's answers to the few questions of the parser, and their pure stand-in for tests and the library.

import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { ConfigHost } from './scope.js';

/** Knows nothing: every descriptor may be right, and no user is unknown (root is 0, others get a made-up number). */
export const pureHost: ConfigHost = {
  checkFd: () => '',
  userId: (name) => (name === '' ? -1 : name === 'root' ? 0 : 1),
  groupId: (name) => (name === '' ? -1 : name === 'root' ? 0 : 1),
};

/** Asks the system: passwd and group by file, then by `getent` for those that are elsewhere. */
export const systemHost: ConfigHost = {
  checkFd: (fd) => {
    try {
      return fstatSync(fd).isSocket() ? '' : 'Socket operation on non-socket';
    } catch {
      return 'Bad file descriptor';
    }
  },
  userId: (name) => lookUp('passwd', name),
  groupId: (name) => lookUp('group', name),
  checkFile: (path) => {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return 'open';
    }
    const good = fstatSync(fd).isFile();
    closeSync(fd);
    return good ? '' : 'read';
  },
  readFile: (path) => {
    try {
      return { text: readFileSync(path, 'latin1'), error: '' };
    } catch (e) {
      return { text: '', error: (e as NodeJS.ErrnoException).code ?? 'EIO' };
    }
  },
  lookUpIpv4: (name) => {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return null;
    try {
      const out = execFileSync('getent', ['ahostsv4', name], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 5000,
      });
      return /^(\d+\.\d+\.\d+\.\d+)\s/.exec(out)?.[1] ?? null;
    } catch {
      return null;
    }
  },
  descriptorLimit: () => {
    try {
      const m = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
      return m === null ? -1 : Number(m[1]);
    } catch {
      return -1;
    }
  },
};

function lookUp(base: 'passwd' | 'group', name: string): number {
  if (name === '' || /[:\n\0]/.test(name)) return -1;
  try {
    const id = idOf(readFileSync(`/etc/${base}`, 'utf8'), name);
    if (id >= 0) return id;
  } catch {
    // no such file here: getent may still know
  }
  try {
    const out = execFileSync('getent', [base, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    return idOf(out, name);
  } catch {
    return -1;
  }
}

function idOf(lines: string, name: string): number {
  const found = lines.split('\n').find((l) => l.startsWith(`${name}:`));
  const id = found?.split(':')[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : -1;
}
