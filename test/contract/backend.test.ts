/** The contract suite over every backend there is. */
import { describeBackend } from './backend.ts';
import { openEmbedded, openMemory } from './harness.ts';

describeBackend('the memory backend', openMemory);
describeBackend('the embedded backend', openEmbedded);
