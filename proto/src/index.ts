// Gives generated types the names that the rest of the project uses. They are the decoded ("output") form of every
// message.

export * from './blas.js';
export type { AgentLinkClient, AgentLinkHandlers } from './generated/alphatensor/agent/v1/AgentLink.js';
export type { Backend__Output as Backend } from './generated/alphatensor/agent/v1/Backend.js';
export type { BenchmarkAgentClient, BenchmarkAgentHandlers } from './generated/alphatensor/agent/v1/BenchmarkAgent.js';
export type { BenchmarkRequest__Output as BenchmarkRequest } from './generated/alphatensor/agent/v1/BenchmarkRequest.js';
export type { BenchmarkResponse__Output as BenchmarkResponse } from './generated/alphatensor/agent/v1/BenchmarkResponse.js';
export type { Blas__Output as Blas } from './generated/alphatensor/agent/v1/Blas.js';
export type { CheckResponse__Output as CheckResponse } from './generated/alphatensor/agent/v1/CheckResponse.js';
export type { Compiling__Output as Compiling } from './generated/alphatensor/agent/v1/Compiling.js';
export type { DataType__Output as DataType } from './generated/alphatensor/agent/v1/DataType.js';
export type { DescribeRequest__Output as DescribeRequest } from './generated/alphatensor/agent/v1/DescribeRequest.js';
export type { DescribeResponse__Output as DescribeResponse } from './generated/alphatensor/agent/v1/DescribeResponse.js';
export type { Device__Output as Device } from './generated/alphatensor/agent/v1/Device.js';
export type { EnrollmentClient, EnrollmentHandlers } from './generated/alphatensor/agent/v1/Enrollment.js';
export type { Environment__Output as Environment } from './generated/alphatensor/agent/v1/Environment.js';
export type { Factorization__Output as Factorization } from './generated/alphatensor/agent/v1/Factorization.js';
export type { FactorMatrix__Output as FactorMatrix } from './generated/alphatensor/agent/v1/FactorMatrix.js';
export type { InputErrors__Output as InputErrors } from './generated/alphatensor/agent/v1/InputErrors.js';
export type { InputKind__Output as InputKind } from './generated/alphatensor/agent/v1/InputKind.js';
export type { Interval__Output as Interval } from './generated/alphatensor/agent/v1/Interval.js';
export type { Measurement__Output as Measurement } from './generated/alphatensor/agent/v1/Measurement.js';
export type { Measuring__Output as Measuring } from './generated/alphatensor/agent/v1/Measuring.js';
export type { MeasuringProtocol__Output as MeasuringProtocol } from './generated/alphatensor/agent/v1/MeasuringProtocol.js';
export type { Outcome__Output as Outcome } from './generated/alphatensor/agent/v1/Outcome.js';
export type { OutcomeKind__Output as OutcomeKind } from './generated/alphatensor/agent/v1/OutcomeKind.js';
export type { Problem__Output as Problem } from './generated/alphatensor/agent/v1/Problem.js';
export type { Queued__Output as Queued } from './generated/alphatensor/agent/v1/Queued.js';
export type { QueueState__Output as QueueState } from './generated/alphatensor/agent/v1/QueueState.js';
export type { StopReason__Output as StopReason } from './generated/alphatensor/agent/v1/StopReason.js';
export * from './load.js';
export * from './transport/byte-stream.js';
export * from './transport/channel.js';
export * from './transport/identity.js';
export * from './transport/listener.js';
export * from './transport/refusals.js';
export * from './transport/token.js';
