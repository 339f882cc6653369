export { main } from './cli/main.js';
export type { RunJob } from './job/job.js';
export { type RunningServer, type ServerOptions, startServer } from './server/server.js';
export type { Identity } from './server/service.js';
export { AGENT_VERSION } from './version.js';
