/** What settings are read from: a port, so that every precedence is tested in memory, and the real one. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Surroundings } from '../config.ts';

export interface World extends Surroundings {
  /** The text of a file; null where there is none. Throws where there is one that cannot be read. */
  readFile(path: string): string | null;
}

export const systemWorld: World = {
  env: process.env,
  hostname,
  openFiles: () => {
    try {
      // The hard limit: Bun raises the soft one to it as it starts.
      const line = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
      return line ? Number(line[1]) : null;
    } catch {
      return null;
    }
  },
  readFile: path => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
      throw error;
    }
  },
};

/** The reason in an operating-system error: `permission denied`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+( '[^']*')?$/, '');
}

/** The code of an operating-system error, such as `ENOENT`, or ''. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
