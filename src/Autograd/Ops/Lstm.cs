using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// One layer of nn.LSTM over the steps of each sample, from zero states; formula in <see cref="IOperations.LstmCellForward"/>.
    /// </summary>
    /// <param name="x">[B·T,in]: T steps per sample, oldest first.</param>
    /// <param name="weights">Four gates: i, f, g, o.</param>
    /// <param name="length">Steps per sample T.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B·T,H]: the hidden state after every step.</returns>
    public Tensor Lstm(Tensor x, RecurrentWeights weights, int length, string name = "lstm") => Append(new LstmNode(this, name, x, weights, length));
}

internal sealed class LstmNode : RecurrentNode
{
    private const int GateCount = 4;

    private readonly Tensor _cell;

    /// <summary>Forward: the state's part of one step's gates. Backward: two gradients of one step's width.</summary>
    private readonly Tensor _step;

    public LstmNode(Tape tape, string name, Tensor x, RecurrentWeights weights, int length)
        : base(tape, name, GateCount, x, weights, length)
    {
        _cell = Save("cell", x.Rows, Width);
        _step = Save("step", Batch, GateCount * Width);
    }

    public override IReadOnlyList<Tensor> Saved => [Gates, Previous, _cell, _step];

    public override void Forward(IOperations operations)
    {
        InputForward(operations);
        for (int t = 0; t < Length; t++)
        {
            bool isFirst = t == 0;
            if (!isFirst)
                operations.MatMul(MatMulForm.NT, Step(Output, t - 1), WeightHh, _step.Value, bias: default, accumulate: false);
            operations.LstmCellForward(
                Step(Gates, t), isFirst ? default : _step.Value, BiasHh, isFirst ? default : Step(_cell, t - 1), Step(_cell, t), Step(Output, t));
        }
    }

    public override void Backward(IOperations operations)
    {
        MatrixView dNext = Scratch(_step, 0, Batch, Width), dCell = Scratch(_step, Batch, Batch, Width);
        for (int t = Length - 1; t >= 0; t--)
        {
            bool isLast = t == Length - 1;
            operations.LstmCellBackward(
                Step(Output.Gradient, t), isLast ? default : dNext, Step(Gates, t), Step(_cell, t), t == 0 ? default : Step(_cell, t - 1), dCell);
            if (t > 0)
                operations.MatMul(MatMulForm.NN, Step(Gates, t), WeightHh, dNext, bias: default, accumulate: false);
        }

        ProductsBackward(operations, Gates.Value, Gates.Value);
    }
}
