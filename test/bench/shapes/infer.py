"""Writes the shapes that onnx.shape_inference finds, as JSON lines: {"model": file, "values": {name: [size, or null]}}.

    python3 infer.py FOLDER [MODEL...]

Without models: the test cases of all operators, whose small inputs (shapes, axes, scales) become constants, and the whole models that
come with the package. They are written to FOLDER without what they declare of their own values.
"""

import glob
import json
import os
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

warnings.filterwarnings("ignore")
folder, *files = sys.argv[1:]
# Largest list that may tell a shape.
MOST = 16


def models():
    if files:
        for index, file in enumerate(files):
            yield f"{index}-{os.path.basename(file)}", onnx.load(file, load_external_data=False)
        return
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        if case.model is None or not case.data_sets:
            continue
        for value, data in zip(case.model.graph.input, case.data_sets[0][0]):
            if isinstance(data, np.ndarray) and data.ndim <= 1 and data.size <= MOST and data.dtype in (np.int64, np.int32, np.float32):
                case.model.graph.initializer.append(numpy_helper.from_array(data, value.name))
        yield f"{case.name}.onnx", case.model
    data = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
    for file in glob.glob(f"{data}/light/*.onnx") + glob.glob(f"{data}/*/*/model.onnx"):
        yield file[len(data) + 1 :].replace("/", "-"), onnx.load(file)


def sizes(value):
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        return None
    # Some inferences leave -1 in place of nothing.
    return [dim.dim_value if dim.HasField("dim_value") and dim.dim_value >= 0 else None for dim in kind.shape.dim]


for name, model in models():
    path = os.path.join(folder, name)
    try:
        del model.graph.value_info[:]
        onnx.save(model, path)
        inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    except Exception as error:  # Of a model that onnx itself refuses there is nothing to compare.
        print(json.dumps({"model": path, "problem": str(error).split("\n")[0]}))
        continue
    values = {value.name: sizes(value) for value in list(inferred.value_info) + list(inferred.output)}
    print(json.dumps({"model": path, "values": values}))
