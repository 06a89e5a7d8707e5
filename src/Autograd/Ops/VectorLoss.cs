using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

/// <summary>
/// The loss on a tape. Its value is the host's business: after Forward the host reads <see cref="Statistics"/>, decides, and writes
/// <see cref="Coefficients"/> and <see cref="Slot"/>, from which Backward makes the gradient of the raw output.
/// </summary>
public sealed class VectorLoss
{
    private readonly int _slots;

    internal VectorLoss(Tensor statistics, Tensor coefficients, int slots)
    {
        Statistics = statistics;
        Coefficients = coefficients;
        _slots = slots;
    }

    /// <summary>[B, 4 + 3T], columns of <see cref="LossStatistics"/>; readable after Forward.</summary>
    public Tensor Statistics { get; }

    /// <summary>[B,4], columns of <see cref="LossCoefficients"/>; written before Backward.</summary>
    public Tensor Coefficients { get; }

    /// <summary>Context slot of the negative, 0 (oldest) .. T − 1, used by Backward.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public int Slot
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, _slots);
            field = value;
        }
    }
}

public sealed partial class Tape
{
    /// <summary>Per-sample loss statistics; Backward: see <see cref="IOperations.VectorLossBackward"/>.</summary>
    /// <param name="raw">[B,D]: the model's un-normalised output.</param>
    /// <param name="target">[B,D], without gradient.</param>
    /// <param name="context">[B·T,D], without gradient.</param>
    /// <param name="name">Name under the current scope.</param>
    public VectorLoss VectorLoss(Tensor raw, Tensor target, Tensor context, string name = "loss")
    {
        Tensor coefficients = Input($"{name}.coefficients", raw.Rows, LossCoefficients.Columns);
        var node = new VectorLossNode(this, name, raw, target, context, coefficients);
        Keep(Append(node));
        return node.Loss;
    }
}

internal sealed class VectorLossNode : Node
{
    private readonly Operand _raw;
    private readonly Operand _target;
    private readonly Operand _context;

    public VectorLossNode(Tape tape, string name, Tensor raw, Tensor target, Tensor context, Tensor coefficients)
        : base(tape, name)
    {
        RequireSame("raw", raw, "target", target);
        Require(context.Columns == raw.Columns, $"context {context.Shape} must have as many columns as raw {raw.Shape}.");
        Require(context.Rows % raw.Rows == 0, $"the rows of context {context.Shape} must be a multiple of those of raw {raw.Shape}.");
        Require(!target.RequiresGradient && !context.RequiresGradient, "target and context are data: they must have no gradient.");
        int slots = context.Rows / raw.Rows;
        _raw = Read(raw);
        _target = Read(target, skippable: true);
        _context = Read(context, skippable: true);
        Operands = [_raw, _target, _context];
        Output = Result(raw.Rows, LossStatistics.Columns(slots));
        Loss = new VectorLoss(Output, coefficients, slots);
    }

    public VectorLoss Loss { get; }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [_raw.Tensor, _target.Tensor, _context.Tensor];

    public override bool StartsGradient => _raw.IsWanted;

    public override void Forward(IOperations operations) =>
        operations.VectorLossForward(_raw.Value, _target.Value, _context.Value, Output.Value);

    public override void Backward(IOperations operations) =>
        operations.VectorLossBackward(
            _raw.Value, _target.Value, _context.Value, Loss.Slot, Loss.Coefficients.Value, _raw.Gradient, _raw.Accumulate);
}
