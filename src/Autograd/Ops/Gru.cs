using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// One layer of nn.GRU over the steps of each sample, from a zero state; formula in <see cref="IOperations.GruCellForward"/>.
    /// </summary>
    /// <param name="x">[B·T,in]: T steps per sample, oldest first.</param>
    /// <param name="weights">Three gates: r, z, n.</param>
    /// <param name="length">Steps per sample T.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B·T,H]: the hidden state after every step.</returns>
    public Tensor Gru(Tensor x, RecurrentWeights weights, int length, string name = "gru") => Append(new GruNode(this, name, x, weights, length));
}

internal sealed class GruNode : RecurrentNode
{
    private const int GateCount = 3;

    /// <summary>[B·T,3H]: the state's part of all steps' gates, then its gradient.</summary>
    private readonly Tensor _recurrent;

    /// <summary>[B,H]: the gradient of the state that one step hands to the step before it.</summary>
    private readonly Tensor _state;

    public GruNode(Tape tape, string name, Tensor x, RecurrentWeights weights, int length)
        : base(tape, name, GateCount, x, weights, length)
    {
        _recurrent = Save("recurrent", x.Rows, GateCount * Width);
        _state = Save("state", Batch, Width);
    }

    public override IReadOnlyList<Tensor> Saved => [Gates, Previous, _recurrent, _state];

    public override void Forward(IOperations operations)
    {
        InputForward(operations);
        for (int t = 0; t < Length; t++)
        {
            MatrixView before = t == 0 ? default : Step(Output, t - 1), recurrent = Step(_recurrent, t);
            if (t > 0)
                operations.MatMul(MatMulForm.NT, before, WeightHh, recurrent, bias: default, accumulate: false);
            operations.GruCellForward(Step(Gates, t), recurrent, BiasHh, before, Step(Output, t));
        }
    }

    public override void Backward(IOperations operations)
    {
        for (int t = Length - 1; t >= 0; t--)
        {
            MatrixView before = t == 0 ? default : Step(Output, t - 1), recurrent = Step(_recurrent, t);
            operations.GruCellBackward(Step(Output.Gradient, t), Step(Gates, t), recurrent, before, _state.Value, isLast: t == Length - 1);
            if (t > 0)
                operations.MatMul(MatMulForm.NN, recurrent, WeightHh, _state.Value, bias: default, accumulate: true);
        }

        ProductsBackward(operations, Gates.Value, _recurrent.Value);
    }
}
