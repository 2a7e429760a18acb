/** What is installed, and where. The units and the rest are in the program itself. */
import { join } from 'node:path';
import service from '../../../systemd/parley.service' with { type: 'text' };
import keepConnections from '../../../systemd/parley.service.d/keep-connections.conf' with { type: 'text' };
import lowPorts from '../../../systemd/parley.service.d/low-ports.conf' with { type: 'text' };
import notifyReload from '../../../systemd/parley.service.d/notify-reload.conf' with { type: 'text' };
import privateNetwork from '../../../systemd/parley.service.d/private-network.conf' with { type: 'text' };
import socket from '../../../systemd/parley.socket' with { type: 'text' };
import tlsSocket from '../../../systemd/parley-tls.socket' with { type: 'text' };
import { sampleSettings } from '../../config/sample.ts';
import { completions } from '../completions/scripts.ts';
import { manPage } from '../man/page.ts';

export interface Piece {
  readonly path: string;
  readonly mode: number;
  /** Null: this program. */
  readonly text: string | null;
}

export const SETTINGS_FILE = '/etc/parley/parley.toml';
/** In the units, where the program is. */
const PROGRAM_IN_UNITS = '/usr/local/bin/parley';

export function programOf(prefix: string): string {
  return join(prefix, 'bin/parley');
}

/** Says what was written, so that it can be taken away again. */
export function manifestOf(prefix: string): string {
  return join(prefix, 'share/parley/installed.json');
}

/** Everything but the settings, which belong to whoever changes them. */
export function piecesFor(prefix: string): readonly Piece[] {
  const share = join(prefix, 'share');
  // What a package brings is under /usr; there systemd and zsh look elsewhere than for what an admin brings.
  const packaged = prefix === '/usr';
  const units = packaged ? '/usr/lib/systemd/system' : '/etc/systemd/system';
  const zsh = packaged ? 'zsh/vendor-completions' : 'zsh/site-functions';
  const text = (path: string, content: string): Piece => ({ path, mode: 0o644, text: content });
  return [
    { path: programOf(prefix), mode: 0o755, text: null },
    text(join(units, 'parley.service'), pointed(service, prefix)),
    text(join(units, 'parley.socket'), socket),
    text(join(units, 'parley-tls.socket'), tlsSocket),
    text(join(share, 'doc/parley/keep-connections.conf'), keepConnections),
    text(join(share, 'doc/parley/low-ports.conf'), lowPorts),
    text(join(share, 'doc/parley/notify-reload.conf'), notifyReload),
    text(join(share, 'doc/parley/private-network.conf'), privateNetwork),
    text(join(share, 'man/man1/parley.1'), manPage()),
    text(join(share, 'bash-completion/completions/parley'), completions('bash')),
    text(join(share, zsh, '_parley'), completions('zsh')),
    text(join(share, 'fish/vendor_completions.d/parley.fish'), completions('fish')),
  ];
}

export function settingsPiece(): Piece {
  return { path: SETTINGS_FILE, mode: 0o644, text: sampleSettings() };
}

function pointed(unit: string, prefix: string): string {
  const program = programOf(prefix);
  if (!unit.includes(`=${PROGRAM_IN_UNITS} `)) throw new Error('the unit does not start the program');
  return unit.replaceAll(PROGRAM_IN_UNITS, program);
}
