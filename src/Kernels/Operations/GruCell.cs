using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>
    /// One step of a GRU (Cho et al. 2014, in the variant of cuDNN and PyTorch; gates r, z, n, H columns each). With a = gates and
    /// u = recurrent + bias: r = σ(a_r + u_r), z = σ(a_z + u_z), n = tanh(a_n + r∘u_n); hidden = (1 − z)∘n + z∘previous.
    /// </summary>
    /// <param name="gates">[B,3H], any stride. Read: the input's part, with its bias. Written: r, z, n.</param>
    /// <param name="recurrent">
    /// [B,3H], any stride. Read, but not at the first step: the part from the hidden state before. Written: u_n in its last H columns.
    /// </param>
    /// <param name="bias">3H elements: the bias of the recurrent part.</param>
    /// <param name="previous">[B,H], any stride: the hidden state before; empty at the first step, whose state is 0.</param>
    /// <param name="hidden">[B,H], any stride, written.</param>
    void GruCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previous, MatrixView hidden);

    /// <summary>
    /// With dh = dHidden + dState: da_n = dh∘(1 − z)∘(1 − n²); da_r = da_n∘u_n∘r∘(1 − r); da_z = dh∘(previous − n)∘z∘(1 − z);
    /// du = (da_r, da_z, da_n∘r); then dState = dh∘z, to which the caller adds du·W of the recurrent part: the gradient of the state before.
    /// </summary>
    /// <param name="dHidden">[B,H], any stride: the gradient of this step's result.</param>
    /// <param name="gates">[B,3H], any stride. Read: as the forward call left them. Written: da.</param>
    /// <param name="recurrent">[B,3H], any stride. Read: u_n. Written: du.</param>
    /// <param name="previous">As in the forward call.</param>
    /// <param name="dState">[B,H], any stride. Read, but not at the last step: what reaches hidden through the next one. Written.</param>
    /// <param name="isLast">This is the last step.</param>
    void GruCellBackward(MatrixView dHidden, MatrixView gates, MatrixView recurrent, MatrixView previous, MatrixView dState, bool isLast);
}
