// Original file: alphatensor/agent/v1/trainer.proto


export interface CheckRequest {
}

export interface CheckRequest__Output {
}
