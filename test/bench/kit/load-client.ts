/** The load client of `parley bench` (src/bench/), signed in to parley as the benchmarks here want it. */
import { DIALECTS } from '../../../src/bench/dialect.ts';
import { LoadClient as Client } from '../../../src/bench/load-client.ts';

export { takeLines } from '../../../src/bench/load-client.ts';
export { inParallel } from '../../../src/bench/parallel.ts';

export type LoadClient = Client;

export const LoadClient = {
  connect: (port: number): Promise<LoadClient> => Client.connect(port),

  /** Connects, takes a name, and goes into rooms one after the other. */
  async signedIn(port: number, name: string, ...rooms: string[]): Promise<LoadClient> {
    const client = await Client.connect(port);
    await DIALECTS.text.signIn(client, name);
    for (const room of rooms) await DIALECTS.text.join(client, room);
    return client;
  },
};
