using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>
    /// One step of an LSTM (Hochreiter and Schmidhuber 1997, Gers et al. 2000; gates in PyTorch's order i, f, g, o, H columns each). With
    /// a = gates + recurrent + bias: i = σ(aᵢ), f = σ(a_f), g = tanh(a_g), o = σ(a_o); cell = f∘previousCell + i∘g; hidden = o∘tanh(cell).
    /// </summary>
    /// <param name="gates">[B,4H], any stride. Read: the input's part of a, with its bias. Written: i, f, g, o.</param>
    /// <param name="recurrent">[B,4H], any stride: the part of a from the hidden state before; empty at the first step, whose state is 0.</param>
    /// <param name="bias">4H elements: the bias of the recurrent part.</param>
    /// <param name="previousCell">[B,H], any stride; empty at the first step.</param>
    /// <param name="cell">[B,H], any stride, written.</param>
    /// <param name="hidden">[B,H], any stride, written.</param>
    void LstmCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previousCell, MatrixView cell, MatrixView hidden);

    /// <summary>
    /// With dh = dHidden + dNext and t = tanh(cell): dc = dCell + dh∘o∘(1 − t²); daᵢ = dc∘g∘i∘(1 − i); da_f = dc∘previousCell∘f∘(1 − f);
    /// da_g = dc∘i∘(1 − g²); da_o = dh∘t∘o∘(1 − o); then dCell = dc∘f, the gradient of the cell before.
    /// </summary>
    /// <param name="dHidden">[B,H], any stride: the gradient of this step's result.</param>
    /// <param name="dNext">[B,H], any stride: what reaches hidden through the next step; empty at the last step.</param>
    /// <param name="gates">[B,4H], any stride. Read: as the forward call left them. Written: da.</param>
    /// <param name="cell">As in the forward call.</param>
    /// <param name="previousCell">As in the forward call.</param>
    /// <param name="dCell">[B,H], any stride. Read, but not at the last step: what the next step wrote. Written.</param>
    void LstmCellBackward(MatrixView dHidden, MatrixView dNext, MatrixView gates, MatrixView cell, MatrixView previousCell, MatrixView dCell);
}
