"""The upstream architectures in plain PyTorch, with upstream's state-dict names. Nothing here is shared with the C# side."""
import math

import torch
from torch import nn


class SinusoidalPositions(nn.Module):
    def __init__(self, width, length=100):
        super().__init__()
        self.width, self.length = width, length
        self.register_buffer("pe", self.table(torch.float32))

    def table(self, dtype):
        position = torch.arange(self.length, dtype=dtype).unsqueeze(1)
        frequency = torch.exp(torch.arange(0, self.width, 2, dtype=dtype) * (-math.log(10000.0) / self.width))
        pe = torch.zeros(1, self.length, self.width, dtype=dtype)
        pe[0, :, 0::2] = torch.sin(position * frequency)
        pe[0, :, 1::2] = torch.cos(position * frequency)
        return pe

    def forward(self, x):
        return x + self.pe[:, : x.size(1)]


class VectorPredictor(nn.Module):
    """(B,T,D) -> raw (B,D): a post-norm decoder that attends to its own embedded input; the last position is read."""

    last = "head.3"

    def __init__(self, dim=768, d_model=512, heads=8, layers=4, ff=2048, dropout=0.1):
        super().__init__()
        self.input_proj = nn.Linear(dim, d_model)
        self.pos_encoder = SinusoidalPositions(d_model)
        layer = nn.TransformerDecoderLayer(d_model, heads, ff, dropout, batch_first=True)
        self.transformer_decoder = nn.TransformerDecoder(layer, layers)
        self.head = nn.Sequential(nn.Linear(d_model, d_model), nn.GELU(), nn.LayerNorm(d_model), nn.Linear(d_model, dim))

    def forward(self, x):
        memory = self.pos_encoder(self.input_proj(x))
        length = x.size(1)
        causal = torch.full((length, length), float("-inf"), dtype=x.dtype).triu(1)
        hidden = self.transformer_decoder(memory, memory, tgt_mask=causal, memory_mask=causal)
        return self.head(hidden[:, -1])

    def to_double(self):
        """Double precision throughout: the position table is recomputed, not widened."""
        self.double()
        self.pos_encoder.pe.copy_(self.pos_encoder.table(torch.float64))
        return self


class LstmPredictor(nn.Module):
    """(B,T,D) -> raw (B,D): stacked LSTM, the last state through a Linear."""

    last = "output_proj"

    def __init__(self, dim=768, d_model=512, layers=2, dropout=0.2):
        super().__init__()
        self.lstm = nn.LSTM(dim, d_model, layers, dropout=dropout, batch_first=True)
        self.output_proj = nn.Linear(d_model, dim)

    def forward(self, x):
        return self.output_proj(self.lstm(x)[0][:, -1])

    def to_double(self):
        return self.double()


class GruBlock(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.gru = nn.GRU(width, width, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.norm(x + self.drop(self.gru(x)[0]))


class GruPredictor(nn.Module):
    """(B,T,D) -> raw (B,D): a Linear, residual GRU blocks, the last position through a Linear."""

    last = "output_proj"

    def __init__(self, dim=768, d_model=512, layers=4, dropout=0.0):
        super().__init__()
        self.input_proj = nn.Linear(dim, d_model)
        self.blocks = nn.ModuleList(GruBlock(d_model, dropout) for _ in range(layers))
        self.output_proj = nn.Linear(d_model, dim)

    def forward(self, x):
        hidden = self.input_proj(x)
        for block in self.blocks:
            hidden = block(hidden)
        return self.output_proj(hidden[:, -1])

    def to_double(self):
        return self.double()


class AmnPredictor(nn.Module):
    """(B,T,D) -> raw (B,D): the mean of the context plus a correction made of it and of an attention-weighted mixture."""

    last = "residual_net.6"

    def __init__(self, dim=768, d_model=256, ff=512):
        super().__init__()
        self.context_encoder = nn.Linear(dim, d_model)
        self.query_encoder = nn.Linear(dim, d_model)
        self.residual_net = nn.Sequential(
            nn.Linear(2 * dim, ff), nn.GELU(), nn.LayerNorm(ff), nn.Linear(ff, ff // 2), nn.GELU(), nn.LayerNorm(ff // 2), nn.Linear(ff // 2, dim))

    def forward(self, x):
        mean = x.mean(1)
        scores = torch.einsum("bk,btk->bt", self.query_encoder(mean), self.context_encoder(x)) / math.sqrt(self.query_encoder.out_features)
        mixture = torch.einsum("bt,btd->bd", scores.softmax(-1), x)
        return mean + self.residual_net(torch.cat([mean, mixture], -1))

    def to_double(self):
        return self.double()


ARCHITECTURES = {
    "transformer": (VectorPredictor, ("dim", "d_model", "heads", "layers", "ff"), {"dropout": 0.0}),
    "lstm": (LstmPredictor, ("dim", "d_model", "layers"), {"dropout": 0.0}),
    "gru": (GruPredictor, ("dim", "d_model", "layers"), {"dropout": 0.0}),
    "amn": (AmnPredictor, ("dim", "d_model", "ff"), {}),
}


def make_model(case):
    """The model of a case, without dropout; sizes that the case does not give are upstream's."""
    model, sizes, fixed = ARCHITECTURES[case.get("model_type", "transformer")]
    return model(**{size: case[size] for size in sizes if size in case}, **fixed)
