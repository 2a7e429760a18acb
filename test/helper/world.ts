/** Surroundings made up for a test: variables, files and a host name; a file may also be one that fails. */
import type { World } from '../../src/config/world.ts';

export function fakeWorld(
  parts: {
    env?: Record<string, string>;
    files?: Record<string, string | Error>;
    hostname?: string;
    openFiles?: number;
  } = {},
): World {
  return {
    env: parts.env ?? {},
    hostname: () => parts.hostname ?? 'ship',
    openFiles: () => parts.openFiles ?? null,
    readFile: path => {
      const text = parts.files?.[path] ?? null;
      if (text instanceof Error) throw text;
      return text;
    },
  };
}
