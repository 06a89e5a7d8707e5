using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>An input of a node, with the place its gradient goes to. Listed in the order in which the node's backward writes.</summary>
/// <param name="tensor">The input.</param>
/// <param name="skippable">The backward can leave this gradient out; if not, an unwanted one is written to scratch memory.</param>
internal sealed class Operand(Tensor tensor, bool skippable)
{
    private MatrixView _scratch;

    public Tensor Tensor { get; } = tensor;

    public bool Skippable { get; } = skippable;

    /// <summary>Whether anyone needs this gradient.</summary>
    public bool IsWanted => Tensor.RequiresGradient;

    /// <summary>A later node has written this gradient already, so this one adds. Decided at <see cref="Tape.Seal"/>.</summary>
    public bool Accumulate { get; set; }

    /// <summary>Memory for a gradient that the operation computes but nobody needs.</summary>
    public Block? ScratchBlock { get; set; }

    public MatrixView Value => Tensor.Value;

    public MatrixView Gradient => IsWanted ? Tensor.Gradient : _scratch;

    public void Bind(Kernels.Devices.Buffer arena)
    {
        if (ScratchBlock is not null)
            _scratch = ScratchBlock.In(arena).AsMatrix(Tensor.Rows, Tensor.Columns);
    }
}
