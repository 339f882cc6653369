import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AgentLinkClient as _alphatensor_agent_v1_AgentLinkClient, AgentLinkDefinition as _alphatensor_agent_v1_AgentLinkDefinition } from './alphatensor/agent/v1/AgentLink.js';
import type { CarryRequest as _alphatensor_agent_v1_CarryRequest, CarryRequest__Output as _alphatensor_agent_v1_CarryRequest__Output } from './alphatensor/agent/v1/CarryRequest.js';
import type { CarryResponse as _alphatensor_agent_v1_CarryResponse, CarryResponse__Output as _alphatensor_agent_v1_CarryResponse__Output } from './alphatensor/agent/v1/CarryResponse.js';
import type { CheckRequest as _alphatensor_agent_v1_CheckRequest, CheckRequest__Output as _alphatensor_agent_v1_CheckRequest__Output } from './alphatensor/agent/v1/CheckRequest.js';
import type { CheckResponse as _alphatensor_agent_v1_CheckResponse, CheckResponse__Output as _alphatensor_agent_v1_CheckResponse__Output } from './alphatensor/agent/v1/CheckResponse.js';
import type { EnrollRequest as _alphatensor_agent_v1_EnrollRequest, EnrollRequest__Output as _alphatensor_agent_v1_EnrollRequest__Output } from './alphatensor/agent/v1/EnrollRequest.js';
import type { EnrollResponse as _alphatensor_agent_v1_EnrollResponse, EnrollResponse__Output as _alphatensor_agent_v1_EnrollResponse__Output } from './alphatensor/agent/v1/EnrollResponse.js';
import type { EnrollmentClient as _alphatensor_agent_v1_EnrollmentClient, EnrollmentDefinition as _alphatensor_agent_v1_EnrollmentDefinition } from './alphatensor/agent/v1/Enrollment.js';
import type { RenewRequest as _alphatensor_agent_v1_RenewRequest, RenewRequest__Output as _alphatensor_agent_v1_RenewRequest__Output } from './alphatensor/agent/v1/RenewRequest.js';
import type { RenewResponse as _alphatensor_agent_v1_RenewResponse, RenewResponse__Output as _alphatensor_agent_v1_RenewResponse__Output } from './alphatensor/agent/v1/RenewResponse.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  alphatensor: {
    agent: {
      v1: {
        /**
         * Carries connections to devices that cannot be dialled.
         */
        AgentLink: SubtypeConstructor<typeof grpc.Client, _alphatensor_agent_v1_AgentLinkClient> & { service: _alphatensor_agent_v1_AgentLinkDefinition }
        CarryRequest: MessageTypeDefinition<_alphatensor_agent_v1_CarryRequest, _alphatensor_agent_v1_CarryRequest__Output>
        CarryResponse: MessageTypeDefinition<_alphatensor_agent_v1_CarryResponse, _alphatensor_agent_v1_CarryResponse__Output>
        CheckRequest: MessageTypeDefinition<_alphatensor_agent_v1_CheckRequest, _alphatensor_agent_v1_CheckRequest__Output>
        CheckResponse: MessageTypeDefinition<_alphatensor_agent_v1_CheckResponse, _alphatensor_agent_v1_CheckResponse__Output>
        EnrollRequest: MessageTypeDefinition<_alphatensor_agent_v1_EnrollRequest, _alphatensor_agent_v1_EnrollRequest__Output>
        EnrollResponse: MessageTypeDefinition<_alphatensor_agent_v1_EnrollResponse, _alphatensor_agent_v1_EnrollResponse__Output>
        /**
         * How a device becomes, and stays, one of the trainer's.
         */
        Enrollment: SubtypeConstructor<typeof grpc.Client, _alphatensor_agent_v1_EnrollmentClient> & { service: _alphatensor_agent_v1_EnrollmentDefinition }
        RenewRequest: MessageTypeDefinition<_alphatensor_agent_v1_RenewRequest, _alphatensor_agent_v1_RenewRequest__Output>
        RenewResponse: MessageTypeDefinition<_alphatensor_agent_v1_RenewResponse, _alphatensor_agent_v1_RenewResponse__Output>
      }
    }
  }
}

