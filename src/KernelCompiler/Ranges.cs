using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>The values an int may take.</summary>
internal readonly record struct Range(long Min, long Max)
{
    public static readonly Range Int = new(int.MinValue, int.MaxValue);

    public bool FitsInt => Min >= int.MinValue && Max <= int.MaxValue;
}

/// <summary>
/// Bounds of int expressions. Where a sum or product cannot leave int it is written plainly; elsewhere it has to be computed unsigned,
/// since C leaves signed overflow undefined while C# wraps.
/// </summary>
internal sealed class Ranges(int groupSize, Func<IOperation, bool> isSpecialized)
{
    /// <summary>Specialised values are not negative and at most this, so that the product of two is an int; launch overloads check it.</summary>
    public const int LargestSpecialized = 32767;

    private readonly Dictionary<ISymbol, Range> _locals = new(SymbolEqualityComparer.Default);

    /// <summary>Records the bounds of a local that keeps them for its whole life.</summary>
    public void Set(ISymbol local, Range range) => _locals[local] = range;

    /// <summary>Bounds of an expression of type int; all of int where nothing is known.</summary>
    public Range Of(IOperation operation)
    {
        Range range = Exact(operation);
        return range.FitsInt ? range : Range.Int;
    }

    /// <summary>True where the mathematical result is an int for all operands.</summary>
    public bool CannotOverflow(IOperation operation) => operation.Type?.SpecialType == SpecialType.System_Int32 && Exact(operation).FitsInt;

    private Range Exact(IOperation operation) => operation switch
    {
        _ when isSpecialized(operation) => new Range(0, LargestSpecialized),
        ILocalReferenceOperation local when _locals.TryGetValue(local.Local, out Range known) => known,
        IPropertyReferenceOperation property => OfProperty(property.Property),
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Minus } minus => new Range(-Of(minus.Operand).Max, -Of(minus.Operand).Min),
        IBinaryOperation binary => OfBinary(binary),
        IConditionalOperation { WhenFalse: { } whenFalse } conditional => Union(Of(conditional.WhenTrue), Of(whenFalse)),
        { ConstantValue: { HasValue: true, Value: int value } } => new Range(value, value),
        _ => Range.Int,
    };

    private Range OfProperty(IPropertySymbol property) => Intrinsics.Property(property) switch
    {
        Intrinsics.ItemIndex when groupSize > 0 => new Range(0, groupSize - 1),
        "Group_DimX" when groupSize > 0 => new Range(groupSize, groupSize),
        Intrinsics.ItemIndex => new Range(0, 1023),
        "Group_DimX" => new Range(1, 1024),
        null => Range.Int,
        _ => new Range(0, int.MaxValue),
    };

    private Range OfBinary(IBinaryOperation binary)
    {
        if (binary.Type?.SpecialType != SpecialType.System_Int32)
            return Range.Int;
        Range a = Of(binary.LeftOperand), b = Of(binary.RightOperand);
        return binary.OperatorKind switch
        {
            BinaryOperatorKind.Add => new Range(a.Min + b.Min, a.Max + b.Max),
            BinaryOperatorKind.Subtract => new Range(a.Min - b.Max, a.Max - b.Min),
            BinaryOperatorKind.Multiply => OfCorners(a, b, (x, y) => x * y),
            BinaryOperatorKind.LeftShift when b.Min == b.Max => OfCorners(a, b, (x, y) => x * (1L << (int)(y & 31))),
            BinaryOperatorKind.LeftShift => OfCorners(a, new Range(1, 1L << 31), (x, y) => x * y),
            // Division by zero is outside the language.
            BinaryOperatorKind.Divide when b.Min >= 0 && b.Max > 0 => OfCorners(a, new Range(Math.Max(b.Min, 1), b.Max), (x, y) => x / y),
            BinaryOperatorKind.Remainder when b.Min >= 0 && b.Max > 0 =>
                new Range(a.Min >= 0 ? 0 : Math.Max(a.Min, 1 - b.Max), a.Max <= 0 ? 0 : Math.Min(a.Max, b.Max - 1)),
            BinaryOperatorKind.RightShift when b.Min == b.Max && b.Min is >= 0 and < 32 => new Range(a.Min >> (int)b.Min, a.Max >> (int)b.Min),
            BinaryOperatorKind.And when b.Min >= 0 => new Range(0, b.Max),
            BinaryOperatorKind.And when a.Min >= 0 => new Range(0, a.Max),
            _ => Range.Int,
        };
    }

    private static Range OfCorners(Range a, Range b, Func<long, long, long> f)
    {
        long[] corners = [f(a.Min, b.Min), f(a.Min, b.Max), f(a.Max, b.Min), f(a.Max, b.Max)];
        return new Range(corners.Min(), corners.Max());
    }

    private static Range Union(Range a, Range b) => new(Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max));
}
