/** What an install wrote: each file with the digest of what it held then. */
import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { refusal } from '../../chat/errors.ts';

const MANIFEST = v.object({
  version: v.string(),
  files: v.record(v.string(), v.string()),
  settings: v.string(),
});

export type Manifest = v.InferOutput<typeof MANIFEST>;

/** Null where nothing was installed. Throws `cannot-read` where the manifest is none. */
export function readManifest(path: string): Manifest | null {
  if (!existsSync(path)) return null;
  try {
    return v.parse(MANIFEST, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw refusal('cannot-read', path, 'it is not what parley install wrote');
  }
}
