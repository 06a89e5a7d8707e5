using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y[b] = raw[b] + Σᵢ skips[i]·context[b·T + i]. Backward: dSkips[i] = Σ_b dY[b]·context[b·T + i], dRaw = dY.</summary>
    /// <param name="raw">[B,D]</param>
    /// <param name="skips">1×T</param>
    /// <param name="context">[B·T,D], without gradient.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B,D]</returns>
    public Tensor SlotSkips(Tensor raw, Tensor skips, Tensor context, string name = "skips") =>
        Append(new SlotSkipsNode(this, name, raw, skips, context));
}

internal sealed class SlotSkipsNode : Node
{
    private readonly Operand _raw;
    private readonly Operand _skips;
    private readonly Operand _context;

    public SlotSkipsNode(Tape tape, string name, Tensor raw, Tensor skips, Tensor context)
        : base(tape, name)
    {
        Require(context.Columns == raw.Columns, $"context {context.Shape} must have as many columns as raw {raw.Shape}.");
        Require(context.Rows % raw.Rows == 0, $"the rows of context {context.Shape} must be a multiple of those of raw {raw.Shape}.");
        RequireVector("skips", skips, context.Rows / raw.Rows);
        Require(!context.RequiresGradient, $"context {context.Shape} is data: it must have no gradient.");
        _raw = Read(raw);
        _skips = Read(skips);
        _context = Read(context, skippable: true);
        Operands = [_skips, _raw, _context];
        Output = Result(raw.Rows, raw.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [_context.Tensor];

    public override (Operand From, Tensor To)? InPlaceValue => (_raw, Output);

    public override Operand? InPlaceGradient => _raw;

    public override void Forward(IOperations operations) =>
        operations.SlotSkipsForward(_raw.Value, _skips.Value.Data, _context.Value, Output.Value);

    public override void Backward(IOperations operations) =>
        operations.SlotSkipsBackward(
            Output.Gradient, _context.Value, _skips.Gradient.Data, _skips.Accumulate, _raw.Gradient, _raw.Accumulate);
}
