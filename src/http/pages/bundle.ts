/**
 * Runs while a file is compiled, as a Bun macro: what it answers stands in the program as a string. So page
 * code is TypeScript in the tree, and the one binary carries it without files beside it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script or a style sheet with all that it imports, made small for a browser. */
export function bundle(file: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [process.execPath, 'build', '--minify', '--target=browser', file],
    { cwd: import.meta.dir },
  );
  if (exitCode !== 0) throw new Error(`${file} does not build:\n${stderr}`);
  return stdout.toString();
}

/** A file as it is. */
export function text(file: string): string {
  return readFileSync(join(import.meta.dir, file), 'utf8');
}
