/** Tells systemd, where this machine runs one. */
import { existsSync } from 'node:fs';
import { complain, EXIT } from '../edge.ts';

export function hasSystemd(): boolean {
  return existsSync('/run/systemd/system') && Bun.which('systemctl') !== null;
}

/** Runs one after the other, each as it would be typed, and answers an exit code. */
export async function systemctl(...calls: readonly (readonly string[])[]): Promise<number> {
  if (!hasSystemd()) {
    complain('systemd does not run here: nothing was enabled');
    return EXIT.failed;
  }
  for (const call of calls) {
    complain(`systemctl ${call.join(' ')}`);
    const child = Bun.spawn(['systemctl', ...call], {
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    if ((await child.exited) !== 0) return EXIT.failed;
  }
  return EXIT.ok;
}
