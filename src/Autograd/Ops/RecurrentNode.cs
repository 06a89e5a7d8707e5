using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

/// <summary>
/// A recurrent layer over T steps of each sample, from a zero state: the input's part of all steps is one product before the steps, and all
/// weight gradients are one product each after them. Between, each step adds the part of the state before it.
/// </summary>
internal abstract class RecurrentNode : Node
{
    private readonly Operand _x;
    private readonly Operand _weightIh;
    private readonly Operand _weightHh;
    private readonly Operand _biasIh;
    private readonly Operand _biasHh;

    protected RecurrentNode(Tape tape, string name, int gates, Tensor x, RecurrentWeights weights, int length)
        : base(tape, name)
    {
        Length = length;
        Width = weights.WeightHh.Columns;
        int outputs = gates * Width;
        Require(length >= 1 && x.Rows % length == 0, $"the rows of x {x.Shape} must be a multiple of the length {length}.");
        Require(weights.WeightHh.Rows == outputs, $"weightHh {weights.WeightHh.Shape} must be {outputs}x{Width}: {gates} gates of the width of the state.");
        Require(
            weights.WeightIh.Rows == outputs && weights.WeightIh.Columns == x.Columns,
            $"weightIh {weights.WeightIh.Shape} must be {outputs}x{x.Columns}, for x {x.Shape}.");
        RequireVector("biasIh", weights.BiasIh, outputs);
        RequireVector("biasHh", weights.BiasHh, outputs);
        _x = Read(x, skippable: true);
        _weightIh = Read(weights.WeightIh, skippable: true);
        _biasIh = Read(weights.BiasIh, skippable: true);
        _weightHh = Read(weights.WeightHh, skippable: true);
        _biasHh = Read(weights.BiasHh, skippable: true);
        Operands = [_x, _weightIh, _biasIh, _weightHh, _biasHh];
        Gates = Save("gates", x.Rows, outputs);
        Previous = Save("previous", x.Rows, Width);
        Output = Result(x.Rows, Width, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads
    {
        get
        {
            yield return Output;
            yield return _weightHh.Tensor;
            if (_x.IsWanted)
                yield return _weightIh.Tensor;
            if (_weightIh.IsWanted)
                yield return _x.Tensor;
            foreach (Tensor saved in Saved)
                yield return saved;
        }
    }

    /// <summary>T</summary>
    protected int Length { get; }

    /// <summary>Width H of the state.</summary>
    protected int Width { get; }

    protected int Batch => Output.Rows / Length;

    protected MatrixView WeightHh => _weightHh.Value;

    protected View BiasHh => _biasHh.Value.Data;

    /// <summary>[B·T, gates·H]: the arguments of the gates, then the gates, then the gradients of their arguments.</summary>
    protected Tensor Gates { get; }

    /// <summary>[B·T,H], for the backward alone: the state before each step.</summary>
    protected Tensor Previous { get; }

    /// <summary>The rows of one step: b·T + step for every sample b.</summary>
    protected MatrixView Step(Tensor tensor, int step) => Step(tensor.Value, step);

    protected MatrixView Step(MatrixView matrix, int step) =>
        matrix.Data.AsMatrix(Batch, Length * matrix.Columns).SliceColumns(step * matrix.Columns, matrix.Columns);

    /// <summary>Rows of a saved tensor as scratch memory of another width.</summary>
    protected static MatrixView Scratch(Tensor memory, int first, int rows, int columns) =>
        memory.Value.Data.Slice((long)first * columns, (long)rows * columns).AsMatrix(rows, columns);

    /// <summary>The input's part of <see cref="Gates"/>, its bias included.</summary>
    protected void InputForward(IOperations operations) =>
        operations.MatMul(MatMulForm.NT, _x.Value, _weightIh.Value, Gates.Value, _biasIh.Value.Data, accumulate: false);

    /// <summary>The gradients of x and of all parameters.</summary>
    /// <param name="operations">The device's.</param>
    /// <param name="dInput">[B·T, gates·H]: gradients of the input's part.</param>
    /// <param name="dRecurrent">[B·T, gates·H]: gradients of the state's part.</param>
    protected void ProductsBackward(IOperations operations, MatrixView dInput, MatrixView dRecurrent)
    {
        if (_x.IsWanted)
            operations.MatMul(MatMulForm.NN, dInput, _weightIh.Value, _x.Gradient, bias: default, _x.Accumulate);
        LinearNode.ParameterBackward(operations, dInput, _x.Value, _weightIh, _biasIh);
        if (_weightHh.IsWanted)
            operations.PreviousStep(Output.Value, Length, Previous.Value);
        LinearNode.ParameterBackward(operations, dRecurrent, Previous.Value, _weightHh, _biasHh);
    }
}

/// <summary>The parameters of one layer of nn.LSTM or nn.GRU.</summary>
/// <param name="WeightIh">[gates·H, in]</param>
/// <param name="WeightHh">[gates·H, H]</param>
/// <param name="BiasIh">1×gates·H</param>
/// <param name="BiasHh">1×gates·H</param>
public readonly record struct RecurrentWeights(Tensor WeightIh, Tensor WeightHh, Tensor BiasIh, Tensor BiasHh);
