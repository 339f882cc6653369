// Original file: alphatensor/agent/v1/agent.proto

export const DataType = {
  DATA_TYPE_UNSPECIFIED: 'DATA_TYPE_UNSPECIFIED',
  DATA_TYPE_F32: 'DATA_TYPE_F32',
  DATA_TYPE_F64: 'DATA_TYPE_F64',
  DATA_TYPE_F16: 'DATA_TYPE_F16',
  DATA_TYPE_BF16: 'DATA_TYPE_BF16',
} as const;

export type DataType =
  | 'DATA_TYPE_UNSPECIFIED'
  | 0
  | 'DATA_TYPE_F32'
  | 1
  | 'DATA_TYPE_F64'
  | 2
  | 'DATA_TYPE_F16'
  | 3
  | 'DATA_TYPE_BF16'
  | 4

export type DataType__Output = typeof DataType[keyof typeof DataType]
