using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y[r] = x[r] + table[r mod T]. Backward: dX = dY; the table is not trained.</summary>
    /// <param name="x">[B·T,C]</param>
    /// <param name="table">[T,C], without gradient.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B·T,C]</returns>
    public Tensor AddPosition(Tensor x, Tensor table, string name = "position") => Append(new AddPositionNode(this, name, x, table));
}

internal sealed class AddPositionNode : Node
{
    private readonly Operand _x;
    private readonly Operand _table;

    public AddPositionNode(Tape tape, string name, Tensor x, Tensor table)
        : base(tape, name)
    {
        Require(x.Columns == table.Columns, $"x {x.Shape} must have as many columns as table {table.Shape}.");
        Require(x.Rows % table.Rows == 0, $"the rows of x {x.Shape} must be a multiple of those of table {table.Shape}.");
        Require(!table.RequiresGradient, $"table {table.Shape} is not trained: it must have no gradient.");
        _x = Read(x, skippable: true);
        _table = Read(table, skippable: true);
        Operands = [_x, _table];
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [];

    public override void Forward(IOperations operations) => operations.AddPositionForward(_x.Value, _table.Value, Output.Value);

    public override void Backward(IOperations operations) => operations.AddPositionBackward(Output.Gradient, _x.Gradient, _x.Accumulate);
}
