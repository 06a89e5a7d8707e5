"""Single operations, forward and backward, by PyTorch in double precision: operation_cases.json. See README.md."""
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

import formats

CASES = []


def decimal(x, digits):
    """Rounded to short decimal numbers, so that what the file says is exactly what was computed with."""
    return torch.tensor([float(f"{v:.{digits}g}") for v in x.detach().flatten().tolist()], dtype=torch.float64).reshape(x.shape)


def given(*shape, scale=1.0, shift=0.0):
    return decimal(torch.randn(*shape, dtype=torch.float64) * scale + shift, 6).requires_grad_()


def add(operation, shape, inputs, outputs, variant="", **settings):
    def written(tensors):
        return {name: decimal(x, 10).flatten().tolist() for name, x in tensors.items()}

    name = " ".join([operation, *(f"{key} {value}" for key, value in shape.items()), variant]).rstrip()
    CASES.append({"name": name, "operation": operation, "shape": shape, **settings, "inputs": written(inputs), "outputs": written(outputs)})


def backward(y, leaves):
    """A random dY and the gradients of sum(y·dY) by every leaf."""
    d_y = given(*y.shape).detach()
    gradients = torch.autograd.grad(y, list(leaves.values()), d_y)
    return d_y, {"d" + name[0].upper() + name[1:]: g for name, g in zip(leaves, gradients)}


def linear(rows, inner, outer):
    leaves = {"x": given(rows, inner), "weight": given(outer, inner), "bias": given(outer)}
    y = F.linear(leaves["x"], leaves["weight"], leaves["bias"])
    d_y, gradients = backward(y, leaves)
    add("linear", {"rows": rows, "in": inner, "out": outer}, {**leaves, "dY": d_y}, {"y": y, **gradients})


def layer_norm(rows, width, scale=1.0, shift=0.0):
    leaves = {"x": given(rows, width, scale=scale, shift=shift), "gamma": given(width, scale=0.2, shift=1), "beta": given(width, scale=0.2)}
    y = F.layer_norm(leaves["x"], (width,), leaves["gamma"], leaves["beta"], 1e-5)
    mean = leaves["x"].mean(-1)
    rstd = (leaves["x"].var(-1, unbiased=False) + 1e-5).rsqrt()
    d_y, gradients = backward(y, leaves)
    outputs = {"y": y, "mean": mean, "rstd": rstd, **gradients}
    add("layer_norm", {"rows": rows, "columns": width}, {**leaves, "dY": d_y}, outputs, f"scale {scale} shift {shift}")


def gelu():
    leaves = {"x": torch.tensor([*(i / 4 for i in range(-40, 41)), -1e-4, 1e-4, 1e-20, -30.0, 30.0], dtype=torch.float64, requires_grad=True)}
    y = F.gelu(leaves["x"])
    d_y, gradients = backward(y, leaves)
    add("gelu", {"rows": 1, "columns": y.numel()}, {**leaves, "dY": d_y}, {"y": y, **gradients})


def attention(batch, heads, query_length, key_length, head_dim, scale=1.0):
    """Rows [batch·time, heads·head_dim]; query i stands at position key_length - query_length + i."""
    width = heads * head_dim
    leaves = {
        "query": given(batch * query_length, width, scale=scale), "key": given(batch * key_length, width, scale=scale),
        "value": given(batch * key_length, width)}

    def split(x, length):
        return x.view(batch, length, heads, head_dim).transpose(1, 2)

    scores = split(leaves["query"], query_length) @ split(leaves["key"], key_length).transpose(-1, -2) / math.sqrt(head_dim)
    mask = torch.full((query_length, key_length), float("-inf"), dtype=torch.float64).triu(key_length - query_length + 1)
    probabilities = F.softmax(scores + mask, -1)
    y = (probabilities @ split(leaves["value"], key_length)).transpose(1, 2).reshape(batch * query_length, width)
    d_y, gradients = backward(y, leaves)
    shape = {"batch": batch, "heads": heads, "query_length": query_length, "key_length": key_length, "head_dim": head_dim}
    add("attention", shape, {**leaves, "dY": d_y}, {"y": y, "probabilities": probabilities, **gradients}, f"scale {scale}")


def multihead_attention(batch, length, heads, width, cross):
    """nn.MultiheadAttention as the decoder layer calls it: packed projections, causal; cross: key and value from a memory."""
    module = nn.MultiheadAttention(width, heads, batch_first=True).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(given(*parameter.shape, scale=0.4))
    leaves = {"x": given(batch, length, width)}
    if cross:
        leaves["memory"] = given(batch, length, width)
    memory = leaves.get("memory", leaves["x"])
    mask = torch.full((length, length), float("-inf"), dtype=torch.float64).triu(1)
    y = module(leaves["x"], memory, memory, attn_mask=mask, need_weights=False)[0]
    leaves.update(
        inProjWeight=module.in_proj_weight, inProjBias=module.in_proj_bias, outProjWeight=module.out_proj.weight, outProjBias=module.out_proj.bias)
    d_y, gradients = backward(y, leaves)
    shape = {"batch": batch, "length": length, "heads": heads, "width": width}
    add("multihead_attention", shape, {**leaves, "dY": d_y}, {"y": y, **gradients}, "cross" if cross else "self")


def adamw(variant, count, gradient_scale, max_norm, weight_decay=0.01, lr=5e-4):
    """Three steps of clip_grad_norm_ and torch.optim.AdamW; outputs hold the state after each step, one after another."""
    parameter = nn.Parameter(given(count).detach().clone())
    start = parameter.detach().clone()
    optimizer = torch.optim.AdamW([parameter], lr=lr, weight_decay=weight_decay)
    inputs, outputs = [], {"norms": [], "parameters": [], "firstMoments": [], "secondMoments": []}
    for _ in range(3):
        gradient = given(count, scale=gradient_scale).detach()
        inputs.append(gradient)
        parameter.grad = gradient.clone()
        outputs["norms"].append(nn.utils.clip_grad_norm_([parameter], max_norm).reshape(1))
        optimizer.step()
        state = optimizer.state[parameter]
        outputs["parameters"].append(parameter.detach().clone())
        outputs["firstMoments"].append(state["exp_avg"].clone())
        outputs["secondMoments"].append(state["exp_avg_sq"].clone())
    add(
        "adamw", {"count": count, "steps": 3}, {"parameters": start, "gradients": torch.cat(inputs)}, {k: torch.cat(v) for k, v in outputs.items()},
        variant, lr=lr, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=weight_decay, max_norm=max_norm)


def recurrent_cell(cell, rows, inner, width, first):
    """nn.LSTMCell or nn.GRUCell with a state before it, or at the first step without one; dState is the gradient of the new state(s)."""
    module = cell(inner, width).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(given(*parameter.shape, scale=0.6))
    leaves = {"x": given(rows, inner)}
    states = [] if first else ["hidden", "cell"] if cell is nn.LSTMCell else ["hidden"]
    leaves.update((name, given(rows, width)) for name in states)
    before = None if first else tuple(leaves[name] for name in states) if cell is nn.LSTMCell else leaves["hidden"]
    after = module(leaves["x"], before)
    outputs = dict(zip(("nextHidden", "nextCell"), after if cell is nn.LSTMCell else (after,)))
    leaves.update(weightIh=module.weight_ih, biasIh=module.bias_ih, weightHh=module.weight_hh, biasHh=module.bias_hh)
    d_outputs = {"d" + name[0].upper() + name[1:]: given(rows, width).detach() for name in outputs}
    gradients = torch.autograd.grad(list(outputs.values()), list(leaves.values()), list(d_outputs.values()), allow_unused=True)
    for name, gradient in zip(leaves, gradients):
        outputs["d" + name[0].upper() + name[1:]] = torch.zeros_like(leaves[name]) if gradient is None else gradient
    operation = "lstm_cell" if cell is nn.LSTMCell else "gru_cell"
    add(operation, {"rows": rows, "in": inner, "width": width}, {**leaves, **d_outputs}, outputs, "first step" if first else "")


def slot_mixture(batch, slots, width, columns):
    leaves = {"query": given(batch, width), "key": given(batch * slots, width)}
    value = given(batch * slots, columns).detach()
    scores = torch.einsum("bk,btk->bt", leaves["query"], leaves["key"].view(batch, slots, width)) / math.sqrt(width)
    weights = F.softmax(scores, -1)
    y = torch.einsum("bt,btc->bc", weights, value.view(batch, slots, columns))
    d_y, gradients = backward(y, leaves)
    shape = {"batch": batch, "slots": slots, "width": width, "columns": columns}
    mean = value.view(batch, slots, columns).mean(1)
    add("slot_mixture", shape, {**leaves, "value": value, "dY": d_y}, {"y": y, "weights": weights, "mean": mean, **gradients})


def main():
    torch.manual_seed(6)
    for shape in ((1, 1, 1), (3, 5, 7), (5, 17, 33), (10, 32, 16)):
        linear(*shape)
    layer_norm(3, 7)
    layer_norm(1, 2)
    layer_norm(5, 33)
    layer_norm(4, 48, shift=100.0)
    layer_norm(4, 16, scale=1e-3)
    gelu()
    attention(2, 3, 5, 5, 4)
    attention(1, 1, 5, 5, 7)
    attention(2, 2, 1, 5, 8)
    attention(1, 2, 3, 5, 3)
    attention(1, 2, 1, 1, 3)
    attention(1, 2, 5, 5, 4, scale=8.0)
    multihead_attention(2, 5, 3, 12, cross=False)
    multihead_attention(2, 5, 2, 14, cross=True)
    adamw("clip acts", 37, 1.0, 1.0)
    adamw("clip does not act", 37, 0.01, 1.0)
    adamw("epsilon matters", 37, 1e-8, 1.0)
    adamw("no decay", 5, 1.0, 0.5, weight_decay=0.0, lr=1e-2)
    for cell in (nn.LSTMCell, nn.GRUCell):
        recurrent_cell(cell, 3, 5, 7, first=False)
        recurrent_cell(cell, 4, 6, 16, first=False)
        recurrent_cell(cell, 3, 5, 7, first=True)
    slot_mixture(3, 5, 7, 11)
    slot_mixture(2, 1, 4, 3)
    slot_mixture(1, 9, 16, 33)
    path = pathlib.Path(__file__).parent / "operation_cases.json"
    formats.write_json(path, CASES)
    print(f"{len(CASES)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
