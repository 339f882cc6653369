"""Writes onnx/*.onnx.gz and onnx-products.json: models, and the products that onnx.shape_inference's shapes give.

    python3 -m venv VENV && VENV/bin/pip install onnx==1.23.2
    VENV/bin/python test/golden/onnx-products.py && npx biome format --write test/golden

The models named "light" are from the package onnx itself (backend/test/data/light, Apache-2.0): real graphs with weights that are
made at run time. "encoder" is built here, as exporters write attention: sizes are computed in the graph from named dimensions.
"""

import gzip
import json
import math
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

HERE = os.path.dirname(os.path.abspath(__file__))
LIGHT = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data", "light")
NAMES = ["bvlc_alexnet", "squeezenet", "shufflenet", "resnet50"]
ENCODER_DIMS = {"batch": 2, "sequence": 48}


def encoder():
    """Two heads of width 32, a gated layer, a recurrent layer and a Gemm, with every reshape computed from Shape."""
    nodes, initializers = [], []

    def node(op, inputs, outputs, **attributes):
        name = attributes.pop("name", f"{op}_{len(nodes)}")
        nodes.append(helper.make_node(op, inputs, outputs, name=name, **attributes))
        return outputs[0]

    def constant(name, value):
        initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(name, *shape):
        return constant(name, np.zeros(shape, np.float32))

    constant("zero", np.int64(0))
    constant("one", np.int64(1))
    constant("axis0", np.array([0], np.int64))
    constant("heads", np.array([2], np.int64))
    constant("open", np.array([-1], np.int64))
    hidden = node("Gather", [weights("embedding", 100, 64), "tokens"], ["hidden"], axis=0)
    node("Shape", [hidden], ["shape"])
    node("Gather", ["shape", "zero"], ["batch_size"], axis=0)
    node("Gather", ["shape", "one"], ["length"], axis=0)
    for name in ["batch_size", "length"]:
        node("Unsqueeze", [name, "axis0"], [f"{name}_1d"])
    node("Concat", ["batch_size_1d", "length_1d", "heads", "open"], ["split_shape"], axis=0)
    node("Concat", ["batch_size_1d", "length_1d", "open"], ["joined_shape"], axis=0)
    for part in "qkv":
        node("MatMul", [hidden, weights(f"w_{part}", 64, 64)], [part], name=f"{part}_projection")
        node("Reshape", [part, "split_shape"], [f"{part}_split"])
        node("Transpose", [f"{part}_split"], [f"{part}_heads"], perm=[0, 2, 3, 1] if part == "k" else [0, 2, 1, 3])
    node("MatMul", ["q_heads", "k_heads"], ["scores"], name="scores")
    node("Softmax", ["scores"], ["attention"], axis=-1)
    node("MatMul", ["attention", "v_heads"], ["context"], name="context")
    node("Transpose", ["context"], ["context_t"], perm=[0, 2, 1, 3])
    node("Reshape", ["context_t", "joined_shape"], ["joined"])
    node("MatMul", ["joined", weights("w_o", 64, 64)], ["out"], name="output_projection")
    node("Add", ["out", hidden], ["residual"])
    node("MatMul", ["residual", weights("w_up", 64, 512)], ["up"], name="up")
    node("Split", ["up"], ["gate", "value"], axis=-1, num_outputs=2)
    node("Mul", ["gate", "value"], ["gated"])
    node("MatMul", ["gated", weights("w_down", 256, 64)], ["down"], name="down")
    constant("first_token", np.array([0], np.int64))
    constant("first_end", np.array([1], np.int64))
    constant("axis1", np.array([1], np.int64))
    node("Slice", ["down", "first_token", "first_end", "axis1"], ["first"])
    node("Squeeze", ["first", "axis1"], ["pooled"])
    node("Gemm", ["pooled", weights("w_class", 10, 64)], ["logits"], name="classifier", transB=1)
    node("Transpose", ["down"], ["steps"], perm=[1, 0, 2])
    node("LSTM", ["steps", weights("w_lstm", 1, 4 * 16, 64), weights("r_lstm", 1, 4 * 16, 16)], ["states"], name="lstm", hidden_size=16)
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "sequence"])
    ends = {"logits": ["batch", 10], "states": ["sequence", 1, "batch", 16]}
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in ends.items()]
    graph = helper.make_graph(nodes, "encoder", [tokens], outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    return model


def bound(model, sizes):
    """Gives the inputs' named dimensions their sizes, and forgets what the file declares in between."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value in copy.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in sizes:
                dim.dim_value = sizes[dim.dim_param]
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    del copy.graph.value_info[:]
    return copy


def products(model):
    """Lists [layer, op, m, k, n, count] from the shapes that onnx infers."""
    model = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    graph = model.graph
    shapes = {one.name: list(one.dims) for one in graph.initializer}
    for value in list(graph.input) + list(graph.output) + list(graph.value_info):
        shapes[value.name] = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    found = []
    for node in graph.node:
        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        layer = node.name or node.output[0]
        a, b = (shapes.get(name) for name in (list(node.input) + ["", ""])[:2])
        if node.op_type == "Conv":
            out, group = shapes[node.output[0]], attributes.get("group", 1)
            found.append([layer, "Conv", b[0] // group, math.prod(b[1:]), out[0] * math.prod(out[2:]), group])
        elif node.op_type == "Gemm":
            m, k = a[::-1] if attributes.get("transA") else a
            found.append([layer, "Gemm", m, k, b[0] if attributes.get("transB") else b[1], 1])
        elif node.op_type == "MatMul" and len(b) == 2:
            found.append([layer, "MatMul", math.prod(a[:-1]), a[-1], b[-1], 1])
        elif node.op_type == "MatMul":
            found.append([layer, "MatMul", a[-2], a[-1], b[-1], math.prod(shapes[node.output[0]][:-2])])
        elif node.op_type == "LSTM":
            steps, batch, width = a
            hidden = attributes["hidden_size"]
            found.append([layer, "LSTM input", steps * batch, width, 4 * hidden, 1])
            found.append([layer, "LSTM recurrence", batch, hidden, 4 * hidden, steps])
    return found


def main():
    models = {f"light_{name}": (onnx.load(os.path.join(LIGHT, f"light_{name}.onnx")), {}) for name in NAMES}
    models["encoder"] = (encoder(), ENCODER_DIMS)
    expected = {}
    for name, (model, dims) in models.items():
        with open(os.path.join(HERE, "onnx", f"{name}.onnx.gz"), "wb") as file:
            file.write(gzip.compress(model.SerializeToString(), mtime=0))
        expected[name] = {"dims": dims, "products": products(bound(model, dims))}
    lines = ",\n".join(
        f'  "{name}": {{\n    "dims": {json.dumps(one["dims"])},\n    "products": [\n'
        + ",\n".join(f"      {json.dumps(product)}" for product in one["products"])
        + "\n    ]\n  }"
        for name, one in expected.items()
    )
    with open(os.path.join(HERE, "onnx-products.json"), "w") as file:
        file.write(f"{{\n{lines}\n}}\n")


main()
