"""The upstream transformer in plain PyTorch, with PyTorch's own state-dict names. Nothing here is shared with the C# side."""
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
