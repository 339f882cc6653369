import { readFileSync } from 'node:fs';

/** Of this agent, as its package.json says; part of every measurement's environment. */
export const AGENT_VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
