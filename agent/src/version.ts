import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.js';

/** The version of this agent, as its package.json says; part of every measurement's environment. */
export const AGENT_VERSION: string = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version;
