// Configuration files and directories (management manual, section 3: -f): which ones, in which order, and their text.

import { textOf } from '../policy/sample/binary.js';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigSource } from './types.js';

/** Bytes of a file that are read; a configuration is never that large. */
export const FILE_BYTES_MAX = 256 << 20;
/** Beyond that, what is not UTF-8 is no configuration: its bytes stand for characters. */
const TEXT_BYTES_MAX = 4 << 20;

export interface LoadedSources {
  readonly sources: ConfigSource[];
  /** Paths as loaded, directories replaced by their files. */
  readonly files: string[];
  /** Texts of the reference's alerts; empty when all could be read. */
  readonly errors: string[];
}

/** Reads all files; a directory stands for its `*.cfg` files that are not hidden, in byte order. */
export function loadSources(paths: readonly string[]): LoadedSources {
  const loaded: LoadedSources = { sources: [], files: [], errors: [] };
  for (const path of paths) {
    let file = path;
    let found = false;
    try {
      for (file of filesOf(path)) {
        found = true;
        loaded.sources.push({ name: file, text: readText(file) });
        loaded.files.push(file);
      }
    } catch (err) {
      const what = found ? 'Could not open configuration file' : 'Cannot open configuration file/directory';
      loaded.errors.push(`${what} ${file} : ${systemText(err)}`);
    }
  }
  return loaded;
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((e) => e.name.endsWith('.cfg') && !e.name.startsWith('.') && !e.isDirectory())
    .map((e) => e.name)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(path, name));
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > FILE_BYTES_MAX) throw new Error('File too large');
  const bytes = readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: what is none of it stays as lone surrogates, so that nothing is lost or changed.
    const binary = bytes.toString('latin1');
    return bytes.length <= TEXT_BYTES_MAX ? textOf(binary) : binary;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EMFILE: 'Too many open files',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
};

/** The system's text for an error of node:fs. */
export function systemText(err: unknown): string {
  const { code, message } = err as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** The variables that the configuration may use beyond those of the process (manual 2.3). */
export function configEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  files: readonly string[],
  localpeer: string,
  version: string,
): Record<string, string | undefined> {
  return {
    ...env,
    HAPROXY_CFGFILES: files.join(';'),
    HAPROXY_LOCALPEER: localpeer,
    HAPROXY_STARTUP_VERSION: version,
  };
}
