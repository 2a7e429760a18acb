/**
 * The servers that are compared, each set up as fast as it goes: nothing but TCP on 127.0.0.1, every limit on
 * rate, flood and address lifted, no look-ups of names or idents, no log. The IRC daemons keep no history and
 * load no module beyond their core. parley runs as it comes, durable history on, with only its limits off.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { INSPIRCD, NGIRCD, versionOf } from './packages.ts';
import type { Recipe } from './running.ts';

const AT_ONCE = 64;

export function parley(binary: string): Recipe {
  return {
    name: 'parley',
    label: 'parley',
    dialect: 'text',
    atOnce: AT_ONCE,
    program: basename(binary),
    announces: true,
    command: dir => {
      const data = join(dir, 'data');
      return [binary, '--host', '127.0.0.1', '--port', '0', '--limits', 'off', '--data', data];
    },
  };
}

export const bare: Recipe = {
  name: 'bare',
  label: 'bare Bun loop',
  dialect: 'text',
  atOnce: AT_ONCE,
  program: basename(process.execPath),
  announces: true,
  command: () => [process.execPath, join(import.meta.dir, '../bare.ts')],
};

export const inspircd: Recipe = {
  name: 'inspircd',
  label: 'InspIRCd',
  dialect: 'irc',
  // It lets in whoever waits once a second.
  atOnce: 1000,
  program: 'inspircd',
  announces: false,
  command: (dir, port) => {
    const config = join(dir, 'inspircd.conf');
    writeFileSync(join(dir, 'motd'), 'hello\n');
    writeFileSync(config, inspircdConfig(dir, port));
    const root = process.getuid?.() === 0 ? ['--runasroot'] : [];
    return [INSPIRCD, ...root, '--nofork', '--nolog', '--config', config];
  },
};

/** recvq and the sendqs in bytes; a `threshold` and a `commandrate` nobody reaches; no name look-ups. */
function inspircdConfig(dir: string, port: number): string {
  return `<server name="inspircd.bench" description="bench" network="Bench" id="1AA">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="1h" recvq="1M" softsendq="64M" hardsendq="64M"
         threshold="1000000" commandrate="1000000000" fakelag="no" maxchans="100" limit="1000000"
         localmax="1000000" globalmax="1000000" maxconnwarn="no" resolvehostnames="no" useident="no">
<dns server="127.0.0.1" timeout="1">
<performance netbuffersize="65535" somaxconn="4096" softlimit="1000000" clonesonconnect="no">
<whowas groupsize="0" maxgroups="0" maxkeep="1s">
<files motd="${dir}/motd">
<path configdir="${dir}" datadir="${dir}" logdir="${dir}" runtimedir="${dir}">
<pid file="${dir}/pid">
`;
}

export const ngircd: Recipe = {
  name: 'ngircd',
  label: 'ngIRCd',
  dialect: 'irc',
  // Its queue of new connections holds ten, and what does not fit waits a second or is lost.
  atOnce: 8,
  program: 'ngircd',
  announces: false,
  command: (dir, port) => {
    const config = join(dir, 'ngircd.conf');
    mkdirSync(join(dir, 'none'));
    writeFileSync(config, ngircdConfig(dir, port));
    return [NGIRCD, '--nodaemon', '--config', config];
  },
};

/** 0 is no limit, and for MaxPenaltyTime no penalties; times in seconds. Without IncludeDir, /etc is read. */
function ngircdConfig(dir: string, port: number): string {
  return `[Global]
Name = ngircd.bench
Info = bench
AdminInfo1 = bench
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = hello
[Limits]
IdleTimeout = 0
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = ${dir}/none
`;
}

/** What ran, in words: names with versions. */
export function versions(binary: string): string {
  const own = Bun.spawnSync([binary, 'version']).stdout.toString().trim();
  return `${own.split('\n')[0]}, InspIRCd ${versionOf('inspircd')}, ngIRCd ${versionOf('ngircd')}, Bun ${Bun.version}`;
}
