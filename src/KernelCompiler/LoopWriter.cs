using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates the head of for loops; knows what counts from a constant to a constant.</summary>
internal sealed class LoopWriter(
    FunctionContext function, ExpressionWriter expressions, AssignmentWriter assignments, DeclarationWriter declarations)
{
    // A register array longer than this is not kept in registers anyway.
    private const int LongestUnrolled = 64;

    /// <summary>The loop up to its body.</summary>
    public string Head(IForLoopOperation loop)
    {
        string before = string.Join(", ", loop.Before.Select(First));
        string condition = loop.Condition is null ? "" : expressions.Write(loop.Condition).Text;
        Counter? counter = CounterOf(loop);
        if (counter is { } known && known.Range is { } range)
            function.Ranges.Set(known.Local, range);
        string bottom = string.Join(", ", loop.AtLoopBottom.Select(step => Step(step, counter)));
        return $"for ({before}; {condition}; {bottom})";
    }

    private string First(IOperation operation) => operation switch
    {
        IVariableDeclarationGroupOperation group => declarations.Inline(group),
        IExpressionStatementOperation statement => assignments.Expression(statement.Operation),
        _ => expressions.Refused(operation).Text,
    };

    private string Step(IOperation operation, Counter? counter)
    {
        IOperation step = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
        if (counter is not { Range: { } range, Step: var by } || !(by > 0 ? range.Max + by <= int.MaxValue : range.Min + by >= int.MinValue))
            return assignments.Expression(step);
        string name = function.Name(counter.Value.Local);
        return by switch
        {
            1 => name + "++",
            -1 => name + "--",
            _ when step is ICompoundAssignmentOperation compound && ArithmeticWriter.Sign(compound.OperatorKind) is var (sign, _) =>
                $"{name} {sign}= {expressions.Write(compound.Value).Text}",
            _ => assignments.Expression(step),
        };
    }

    /// <summary>True where a loop of few, constant rounds indexes an array of registers, which only works unrolled.</summary>
    public bool IsUnrolled(IForLoopOperation loop)
    {
        if (CounterOf(loop) is not { } counter || !function.IsConstant(counter.First) || !function.IsConstant(counter.Bound))
            return false;
        if (counter.First.ConstantValue.Value is int first && counter.Bound.ConstantValue.Value is int bound
            && Math.Abs((long)bound - first) / Math.Abs(counter.Step) > LongestUnrolled)
        {
            return false;
        }
        return loop.Body.Descendants().Any(part => part switch
        {
            IPropertyReferenceOperation { Instance: { } view, Property.IsIndexer: true } element =>
                function.IsPrivate(view) && Mentions(element.Arguments[0], counter.Local),
            IArrayElementReferenceOperation element => element.Indices.Any(index => Mentions(index, counter.Local)),
            _ => false,
        });
    }

    private static bool Mentions(IOperation operation, ILocalSymbol local) => operation.DescendantsAndSelf().Any(part => IsReference(part, local));

    private static bool IsReference(IOperation operation, ILocalSymbol local) =>
        operation is ILocalReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Local, local);

    private Counter? CounterOf(IForLoopOperation loop)
    {
        if (loop.Before.Length != 1 || loop.AtLoopBottom.Length != 1
            || loop.Before[0] is not IVariableDeclarationGroupOperation { Declarations: { Length: 1 } groups }
            || groups[0].Declarators is not { Length: 1 } declarators
            || declarators[0] is not { Symbol: var local } declarator
            || declarator.GetVariableInitializer()?.Value is not { } first
            || local.Type.SpecialType != SpecialType.System_Int32
            || loop.Condition is not IBinaryOperation condition || !IsReference(condition.LeftOperand, local)
            || loop.AtLoopBottom[0] is not IExpressionStatementOperation { Operation: var step }
            || StepOf(step, local) is not { } by
            || FunctionContext.Assigned(loop.Body).Contains(local))
        {
            return null;
        }
        IOperation bound = condition.RightOperand;
        Range start = function.Ranges.Of(first), end = function.Ranges.Of(bound);
        Range? range = condition.OperatorKind switch
        {
            BinaryOperatorKind.LessThan when by > 0 => new Range(start.Min, end.Max - 1),
            BinaryOperatorKind.LessThanOrEqual when by > 0 => new Range(start.Min, end.Max),
            BinaryOperatorKind.GreaterThan when by < 0 => new Range(end.Min + 1, start.Max),
            BinaryOperatorKind.GreaterThanOrEqual when by < 0 => new Range(end.Min, start.Max),
            _ => null,
        };
        return range is null || range.Value.Min > range.Value.Max ? null : new Counter(local, first, bound, by, range);
    }

    private static long? StepOf(IOperation step, ILocalSymbol local)
    {
        (IOperation target, long? by) = step switch
        {
            IIncrementOrDecrementOperation increment => (increment.Target, increment.Kind == OperationKind.Increment ? 1 : -1),
            ICompoundAssignmentOperation { Value.ConstantValue: { HasValue: true, Value: int value and not 0 } } compound =>
                (compound.Target, compound.OperatorKind switch
                {
                    BinaryOperatorKind.Add => value,
                    BinaryOperatorKind.Subtract => -(long)value,
                    _ => null,
                }),
            _ => (step, (long?)null),
        };
        return IsReference(target, local) ? by : null;
    }

    private readonly record struct Counter(ILocalSymbol Local, IOperation First, IOperation Bound, long Step, Range? Range);
}
