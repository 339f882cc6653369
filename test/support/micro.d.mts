import type { TrainingConfig } from '../../trainer/src/config.js';

export function micro(preset: TrainingConfig): TrainingConfig;
