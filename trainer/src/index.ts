export * from './fleet/measurement.js';
