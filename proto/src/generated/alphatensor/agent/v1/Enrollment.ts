// Original file: alphatensor/agent/v1/trainer.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CheckRequest as _alphatensor_agent_v1_CheckRequest, CheckRequest__Output as _alphatensor_agent_v1_CheckRequest__Output } from '../../../alphatensor/agent/v1/CheckRequest.js';
import type { CheckResponse as _alphatensor_agent_v1_CheckResponse, CheckResponse__Output as _alphatensor_agent_v1_CheckResponse__Output } from '../../../alphatensor/agent/v1/CheckResponse.js';
import type { EnrollRequest as _alphatensor_agent_v1_EnrollRequest, EnrollRequest__Output as _alphatensor_agent_v1_EnrollRequest__Output } from '../../../alphatensor/agent/v1/EnrollRequest.js';
import type { EnrollResponse as _alphatensor_agent_v1_EnrollResponse, EnrollResponse__Output as _alphatensor_agent_v1_EnrollResponse__Output } from '../../../alphatensor/agent/v1/EnrollResponse.js';
import type { RenewRequest as _alphatensor_agent_v1_RenewRequest, RenewRequest__Output as _alphatensor_agent_v1_RenewRequest__Output } from '../../../alphatensor/agent/v1/RenewRequest.js';
import type { RenewResponse as _alphatensor_agent_v1_RenewResponse, RenewResponse__Output as _alphatensor_agent_v1_RenewResponse__Output } from '../../../alphatensor/agent/v1/RenewResponse.js';

/**
 * How a device becomes, and stays, one of the trainer's.
 */
export interface EnrollmentClient extends grpc.Client {
  /**
   * Whether the trainer takes this device for what it is.
   */
  Check(argument: _alphatensor_agent_v1_CheckRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  Check(argument: _alphatensor_agent_v1_CheckRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  Check(argument: _alphatensor_agent_v1_CheckRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  Check(argument: _alphatensor_agent_v1_CheckRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Whether the trainer takes this device for what it is.
   */
  check(argument: _alphatensor_agent_v1_CheckRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  check(argument: _alphatensor_agent_v1_CheckRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  check(argument: _alphatensor_agent_v1_CheckRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  check(argument: _alphatensor_agent_v1_CheckRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_CheckResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * A one-time token for a certificate; the only call that needs none. UNAUTHENTICATED: the token is unknown, expired or
   * used; RESOURCE_EXHAUSTED: too many wrong ones from this address.
   */
  Enroll(argument: _alphatensor_agent_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _alphatensor_agent_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _alphatensor_agent_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _alphatensor_agent_v1_EnrollRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  /**
   * A one-time token for a certificate; the only call that needs none. UNAUTHENTICATED: the token is unknown, expired or
   * used; RESOURCE_EXHAUSTED: too many wrong ones from this address.
   */
  enroll(argument: _alphatensor_agent_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _alphatensor_agent_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _alphatensor_agent_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _alphatensor_agent_v1_EnrollRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * A new certificate for the key of the present one.
   */
  Renew(argument: _alphatensor_agent_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _alphatensor_agent_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _alphatensor_agent_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _alphatensor_agent_v1_RenewRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  /**
   * A new certificate for the key of the present one.
   */
  renew(argument: _alphatensor_agent_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _alphatensor_agent_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _alphatensor_agent_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _alphatensor_agent_v1_RenewRequest, callback: grpc.requestCallback<_alphatensor_agent_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * How a device becomes, and stays, one of the trainer's.
 */
export interface EnrollmentHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Whether the trainer takes this device for what it is.
   */
  Check: grpc.handleUnaryCall<_alphatensor_agent_v1_CheckRequest__Output, _alphatensor_agent_v1_CheckResponse>;
  
  /**
   * A one-time token for a certificate; the only call that needs none. UNAUTHENTICATED: the token is unknown, expired or
   * used; RESOURCE_EXHAUSTED: too many wrong ones from this address.
   */
  Enroll: grpc.handleUnaryCall<_alphatensor_agent_v1_EnrollRequest__Output, _alphatensor_agent_v1_EnrollResponse>;
  
  /**
   * A new certificate for the key of the present one.
   */
  Renew: grpc.handleUnaryCall<_alphatensor_agent_v1_RenewRequest__Output, _alphatensor_agent_v1_RenewResponse>;
  
}

export interface EnrollmentDefinition extends grpc.ServiceDefinition {
  Check: MethodDefinition<_alphatensor_agent_v1_CheckRequest, _alphatensor_agent_v1_CheckResponse, _alphatensor_agent_v1_CheckRequest__Output, _alphatensor_agent_v1_CheckResponse__Output>
  Enroll: MethodDefinition<_alphatensor_agent_v1_EnrollRequest, _alphatensor_agent_v1_EnrollResponse, _alphatensor_agent_v1_EnrollRequest__Output, _alphatensor_agent_v1_EnrollResponse__Output>
  Renew: MethodDefinition<_alphatensor_agent_v1_RenewRequest, _alphatensor_agent_v1_RenewResponse, _alphatensor_agent_v1_RenewRequest__Output, _alphatensor_agent_v1_RenewResponse__Output>
}
