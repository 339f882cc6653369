import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Backend as _alphatensor_agent_v1_Backend, Backend__Output as _alphatensor_agent_v1_Backend__Output } from './alphatensor/agent/v1/Backend.js';
import type { BenchmarkAgentClient as _alphatensor_agent_v1_BenchmarkAgentClient, BenchmarkAgentDefinition as _alphatensor_agent_v1_BenchmarkAgentDefinition } from './alphatensor/agent/v1/BenchmarkAgent.js';
import type { BenchmarkRequest as _alphatensor_agent_v1_BenchmarkRequest, BenchmarkRequest__Output as _alphatensor_agent_v1_BenchmarkRequest__Output } from './alphatensor/agent/v1/BenchmarkRequest.js';
import type { BenchmarkResponse as _alphatensor_agent_v1_BenchmarkResponse, BenchmarkResponse__Output as _alphatensor_agent_v1_BenchmarkResponse__Output } from './alphatensor/agent/v1/BenchmarkResponse.js';
import type { Blas as _alphatensor_agent_v1_Blas, Blas__Output as _alphatensor_agent_v1_Blas__Output } from './alphatensor/agent/v1/Blas.js';
import type { Compiling as _alphatensor_agent_v1_Compiling, Compiling__Output as _alphatensor_agent_v1_Compiling__Output } from './alphatensor/agent/v1/Compiling.js';
import type { DescribeRequest as _alphatensor_agent_v1_DescribeRequest, DescribeRequest__Output as _alphatensor_agent_v1_DescribeRequest__Output } from './alphatensor/agent/v1/DescribeRequest.js';
import type { DescribeResponse as _alphatensor_agent_v1_DescribeResponse, DescribeResponse__Output as _alphatensor_agent_v1_DescribeResponse__Output } from './alphatensor/agent/v1/DescribeResponse.js';
import type { Device as _alphatensor_agent_v1_Device, Device__Output as _alphatensor_agent_v1_Device__Output } from './alphatensor/agent/v1/Device.js';
import type { Environment as _alphatensor_agent_v1_Environment, Environment__Output as _alphatensor_agent_v1_Environment__Output } from './alphatensor/agent/v1/Environment.js';
import type { FactorMatrix as _alphatensor_agent_v1_FactorMatrix, FactorMatrix__Output as _alphatensor_agent_v1_FactorMatrix__Output } from './alphatensor/agent/v1/FactorMatrix.js';
import type { Factorization as _alphatensor_agent_v1_Factorization, Factorization__Output as _alphatensor_agent_v1_Factorization__Output } from './alphatensor/agent/v1/Factorization.js';
import type { InputErrors as _alphatensor_agent_v1_InputErrors, InputErrors__Output as _alphatensor_agent_v1_InputErrors__Output } from './alphatensor/agent/v1/InputErrors.js';
import type { Interval as _alphatensor_agent_v1_Interval, Interval__Output as _alphatensor_agent_v1_Interval__Output } from './alphatensor/agent/v1/Interval.js';
import type { JobState as _alphatensor_agent_v1_JobState, JobState__Output as _alphatensor_agent_v1_JobState__Output } from './alphatensor/agent/v1/JobState.js';
import type { KernelPlan as _alphatensor_agent_v1_KernelPlan, KernelPlan__Output as _alphatensor_agent_v1_KernelPlan__Output } from './alphatensor/agent/v1/KernelPlan.js';
import type { LevelSize as _alphatensor_agent_v1_LevelSize, LevelSize__Output as _alphatensor_agent_v1_LevelSize__Output } from './alphatensor/agent/v1/LevelSize.js';
import type { Measurement as _alphatensor_agent_v1_Measurement, Measurement__Output as _alphatensor_agent_v1_Measurement__Output } from './alphatensor/agent/v1/Measurement.js';
import type { Measuring as _alphatensor_agent_v1_Measuring, Measuring__Output as _alphatensor_agent_v1_Measuring__Output } from './alphatensor/agent/v1/Measuring.js';
import type { MeasuringProtocol as _alphatensor_agent_v1_MeasuringProtocol, MeasuringProtocol__Output as _alphatensor_agent_v1_MeasuringProtocol__Output } from './alphatensor/agent/v1/MeasuringProtocol.js';
import type { Outcome as _alphatensor_agent_v1_Outcome, Outcome__Output as _alphatensor_agent_v1_Outcome__Output } from './alphatensor/agent/v1/Outcome.js';
import type { PassCost as _alphatensor_agent_v1_PassCost, PassCost__Output as _alphatensor_agent_v1_PassCost__Output } from './alphatensor/agent/v1/PassCost.js';
import type { PlanRequest as _alphatensor_agent_v1_PlanRequest, PlanRequest__Output as _alphatensor_agent_v1_PlanRequest__Output } from './alphatensor/agent/v1/PlanRequest.js';
import type { PlanResponse as _alphatensor_agent_v1_PlanResponse, PlanResponse__Output as _alphatensor_agent_v1_PlanResponse__Output } from './alphatensor/agent/v1/PlanResponse.js';
import type { Problem as _alphatensor_agent_v1_Problem, Problem__Output as _alphatensor_agent_v1_Problem__Output } from './alphatensor/agent/v1/Problem.js';
import type { ProgramCost as _alphatensor_agent_v1_ProgramCost, ProgramCost__Output as _alphatensor_agent_v1_ProgramCost__Output } from './alphatensor/agent/v1/ProgramCost.js';
import type { QueueState as _alphatensor_agent_v1_QueueState, QueueState__Output as _alphatensor_agent_v1_QueueState__Output } from './alphatensor/agent/v1/QueueState.js';
import type { Queued as _alphatensor_agent_v1_Queued, Queued__Output as _alphatensor_agent_v1_Queued__Output } from './alphatensor/agent/v1/Queued.js';
import type { Tuning as _alphatensor_agent_v1_Tuning, Tuning__Output as _alphatensor_agent_v1_Tuning__Output } from './alphatensor/agent/v1/Tuning.js';
import type { Waiting as _alphatensor_agent_v1_Waiting, Waiting__Output as _alphatensor_agent_v1_Waiting__Output } from './alphatensor/agent/v1/Waiting.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  alphatensor: {
    agent: {
      v1: {
        Backend: MessageTypeDefinition<_alphatensor_agent_v1_Backend, _alphatensor_agent_v1_Backend__Output>
        /**
         * Compiles, checks and times candidate algorithms on the device it runs on, one at a time.
         */
        BenchmarkAgent: SubtypeConstructor<typeof grpc.Client, _alphatensor_agent_v1_BenchmarkAgentClient> & { service: _alphatensor_agent_v1_BenchmarkAgentDefinition }
        BenchmarkRequest: MessageTypeDefinition<_alphatensor_agent_v1_BenchmarkRequest, _alphatensor_agent_v1_BenchmarkRequest__Output>
        BenchmarkResponse: MessageTypeDefinition<_alphatensor_agent_v1_BenchmarkResponse, _alphatensor_agent_v1_BenchmarkResponse__Output>
        Blas: MessageTypeDefinition<_alphatensor_agent_v1_Blas, _alphatensor_agent_v1_Blas__Output>
        Compiling: MessageTypeDefinition<_alphatensor_agent_v1_Compiling, _alphatensor_agent_v1_Compiling__Output>
        DataType: EnumTypeDefinition
        DescribeRequest: MessageTypeDefinition<_alphatensor_agent_v1_DescribeRequest, _alphatensor_agent_v1_DescribeRequest__Output>
        DescribeResponse: MessageTypeDefinition<_alphatensor_agent_v1_DescribeResponse, _alphatensor_agent_v1_DescribeResponse__Output>
        Device: MessageTypeDefinition<_alphatensor_agent_v1_Device, _alphatensor_agent_v1_Device__Output>
        Environment: MessageTypeDefinition<_alphatensor_agent_v1_Environment, _alphatensor_agent_v1_Environment__Output>
        FactorMatrix: MessageTypeDefinition<_alphatensor_agent_v1_FactorMatrix, _alphatensor_agent_v1_FactorMatrix__Output>
        Factorization: MessageTypeDefinition<_alphatensor_agent_v1_Factorization, _alphatensor_agent_v1_Factorization__Output>
        InputErrors: MessageTypeDefinition<_alphatensor_agent_v1_InputErrors, _alphatensor_agent_v1_InputErrors__Output>
        InputKind: EnumTypeDefinition
        Interval: MessageTypeDefinition<_alphatensor_agent_v1_Interval, _alphatensor_agent_v1_Interval__Output>
        JobStage: EnumTypeDefinition
        JobState: MessageTypeDefinition<_alphatensor_agent_v1_JobState, _alphatensor_agent_v1_JobState__Output>
        KernelPlan: MessageTypeDefinition<_alphatensor_agent_v1_KernelPlan, _alphatensor_agent_v1_KernelPlan__Output>
        LevelSize: MessageTypeDefinition<_alphatensor_agent_v1_LevelSize, _alphatensor_agent_v1_LevelSize__Output>
        Measurement: MessageTypeDefinition<_alphatensor_agent_v1_Measurement, _alphatensor_agent_v1_Measurement__Output>
        Measuring: MessageTypeDefinition<_alphatensor_agent_v1_Measuring, _alphatensor_agent_v1_Measuring__Output>
        MeasuringProtocol: MessageTypeDefinition<_alphatensor_agent_v1_MeasuringProtocol, _alphatensor_agent_v1_MeasuringProtocol__Output>
        Outcome: MessageTypeDefinition<_alphatensor_agent_v1_Outcome, _alphatensor_agent_v1_Outcome__Output>
        OutcomeKind: EnumTypeDefinition
        PassCost: MessageTypeDefinition<_alphatensor_agent_v1_PassCost, _alphatensor_agent_v1_PassCost__Output>
        PlanRequest: MessageTypeDefinition<_alphatensor_agent_v1_PlanRequest, _alphatensor_agent_v1_PlanRequest__Output>
        PlanResponse: MessageTypeDefinition<_alphatensor_agent_v1_PlanResponse, _alphatensor_agent_v1_PlanResponse__Output>
        Problem: MessageTypeDefinition<_alphatensor_agent_v1_Problem, _alphatensor_agent_v1_Problem__Output>
        ProgramCost: MessageTypeDefinition<_alphatensor_agent_v1_ProgramCost, _alphatensor_agent_v1_ProgramCost__Output>
        QueueState: MessageTypeDefinition<_alphatensor_agent_v1_QueueState, _alphatensor_agent_v1_QueueState__Output>
        Queued: MessageTypeDefinition<_alphatensor_agent_v1_Queued, _alphatensor_agent_v1_Queued__Output>
        StopReason: EnumTypeDefinition
        Tuning: MessageTypeDefinition<_alphatensor_agent_v1_Tuning, _alphatensor_agent_v1_Tuning__Output>
        Waiting: MessageTypeDefinition<_alphatensor_agent_v1_Waiting, _alphatensor_agent_v1_Waiting__Output>
      }
    }
  }
}

