// Original file: alphatensor/agent/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BenchmarkRequest as _alphatensor_agent_v1_BenchmarkRequest, BenchmarkRequest__Output as _alphatensor_agent_v1_BenchmarkRequest__Output } from '../../../alphatensor/agent/v1/BenchmarkRequest.js';
import type { BenchmarkResponse as _alphatensor_agent_v1_BenchmarkResponse, BenchmarkResponse__Output as _alphatensor_agent_v1_BenchmarkResponse__Output } from '../../../alphatensor/agent/v1/BenchmarkResponse.js';
import type { DescribeRequest as _alphatensor_agent_v1_DescribeRequest, DescribeRequest__Output as _alphatensor_agent_v1_DescribeRequest__Output } from '../../../alphatensor/agent/v1/DescribeRequest.js';
import type { DescribeResponse as _alphatensor_agent_v1_DescribeResponse, DescribeResponse__Output as _alphatensor_agent_v1_DescribeResponse__Output } from '../../../alphatensor/agent/v1/DescribeResponse.js';
import type { PlanRequest as _alphatensor_agent_v1_PlanRequest, PlanRequest__Output as _alphatensor_agent_v1_PlanRequest__Output } from '../../../alphatensor/agent/v1/PlanRequest.js';
import type { PlanResponse as _alphatensor_agent_v1_PlanResponse, PlanResponse__Output as _alphatensor_agent_v1_PlanResponse__Output } from '../../../alphatensor/agent/v1/PlanResponse.js';

/**
 * Compiles, checks and times candidate algorithms on the device it runs on, one at a time.
 */
export interface BenchmarkAgentClient extends grpc.Client {
  /**
   * Queues one job and streams its progress; the last message carries the outcome. The same job id returns the same
   * result. Cancelling the call, or its deadline, kills the job's processes.
   */
  Benchmark(argument: _alphatensor_agent_v1_BenchmarkRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_alphatensor_agent_v1_BenchmarkResponse__Output>;
  Benchmark(argument: _alphatensor_agent_v1_BenchmarkRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_alphatensor_agent_v1_BenchmarkResponse__Output>;
  /**
   * Queues one job and streams its progress; the last message carries the outcome. The same job id returns the same
   * result. Cancelling the call, or its deadline, kills the job's processes.
   */
  benchmark(argument: _alphatensor_agent_v1_BenchmarkRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_alphatensor_agent_v1_BenchmarkResponse__Output>;
  benchmark(argument: _alphatensor_agent_v1_BenchmarkRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_alphatensor_agent_v1_BenchmarkResponse__Output>;
  
  /**
   * What this device is and which backends work on it. Answers every protocol version.
   */
  Describe(argument: _alphatensor_agent_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  Describe(argument: _alphatensor_agent_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  Describe(argument: _alphatensor_agent_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  Describe(argument: _alphatensor_agent_v1_DescribeRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What this device is and which backends work on it. Answers every protocol version.
   */
  describe(argument: _alphatensor_agent_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  describe(argument: _alphatensor_agent_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  describe(argument: _alphatensor_agent_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  describe(argument: _alphatensor_agent_v1_DescribeRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_DescribeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * What programs would do, as they are planned: nothing is compiled or timed. Agents before there was this call answer
   * UNIMPLEMENTED.
   */
  Plan(argument: _alphatensor_agent_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _alphatensor_agent_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _alphatensor_agent_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _alphatensor_agent_v1_PlanRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What programs would do, as they are planned: nothing is compiled or timed. Agents before there was this call answer
   * UNIMPLEMENTED.
   */
  plan(argument: _alphatensor_agent_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _alphatensor_agent_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _alphatensor_agent_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _alphatensor_agent_v1_PlanRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Compiles, checks and times candidate algorithms on the device it runs on, one at a time.
 */
export interface BenchmarkAgentHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Queues one job and streams its progress; the last message carries the outcome. The same job id returns the same
   * result. Cancelling the call, or its deadline, kills the job's processes.
   */
  Benchmark: grpc.handleServerStreamingCall<_alphatensor_agent_v1_BenchmarkRequest__Output, _alphatensor_agent_v1_BenchmarkResponse>;
  
  /**
   * What this device is and which backends work on it. Answers every protocol version.
   */
  Describe: grpc.handleUnaryCall<_alphatensor_agent_v1_DescribeRequest__Output, _alphatensor_agent_v1_DescribeResponse>;
  
  /**
   * What programs would do, as they are planned: nothing is compiled or timed. Agents before there was this call answer
   * UNIMPLEMENTED.
   */
  Plan: grpc.handleUnaryCall<_alphatensor_agent_v1_PlanRequest__Output, _alphatensor_agent_v1_PlanResponse>;
  
}

export interface BenchmarkAgentDefinition extends grpc.ServiceDefinition {
  Benchmark: MethodDefinition<_alphatensor_agent_v1_BenchmarkRequest, _alphatensor_agent_v1_BenchmarkResponse, _alphatensor_agent_v1_BenchmarkRequest__Output, _alphatensor_agent_v1_BenchmarkResponse__Output>
  Describe: MethodDefinition<_alphatensor_agent_v1_DescribeRequest, _alphatensor_agent_v1_DescribeResponse, _alphatensor_agent_v1_DescribeRequest__Output, _alphatensor_agent_v1_DescribeResponse__Output>
  Plan: MethodDefinition<_alphatensor_agent_v1_PlanRequest, _alphatensor_agent_v1_PlanResponse, _alphatensor_agent_v1_PlanRequest__Output, _alphatensor_agent_v1_PlanResponse__Output>
}
