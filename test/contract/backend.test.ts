/** The contract suite over every backend there is. */
import { describeBackend } from './backend.ts';
import { openEmbedded, openMemory } from './harness.ts';

describeBackend('the memory backend', openMemory);
describeBackend('the embedded backend', bounds => openEmbedded(bounds));
describeBackend('the embedded backend with a large index', bounds =>
  openEmbedded(bounds, undefined, { atOnce: 0, slice: 2, pass: 5 }),
);
