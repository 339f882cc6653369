import { messageOf } from '../../shared/src/index.js';
import { loadRuntime, type Runtime } from '../../trainer/src/network/onnx/runtime.js';

/** ONNX Runtime, or why it does not run here; a test that needs it says so and is skipped. */
export const onnxRuntime: Runtime | string = load();

function load(): Runtime | string {
  try {
    return loadRuntime();
  } catch (error) {
    console.log(`skipped: ${messageOf(error)}`);
    return messageOf(error);
  }
}
