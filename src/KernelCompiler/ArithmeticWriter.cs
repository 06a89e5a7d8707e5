using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates operators and conversions so that C#'s meaning survives: wrapping integers, masked shifts, saturating conversions.</summary>
internal sealed class ArithmeticWriter(FunctionContext function, ExpressionWriter expressions)
{
    private readonly KernelTranslator _translator = function.Translator;

    public Code Binary(IBinaryOperation operation)
    {
        if (operation.IsChecked)
            _translator.Refuse(Diagnostics.Checked, operation);
        string type = _translator.TypeName(operation.Type, operation.Syntax.GetLocation());
        _translator.TypeName(operation.LeftOperand.Type, operation.LeftOperand.Syntax.GetLocation());
        if (operation.OperatorMethod is not null || (type == "float" && operation.OperatorKind == BinaryOperatorKind.Remainder)
            || Sign(operation.OperatorKind) is not var (sign, binding))
        {
            return expressions.RefusedAs(Diagnostics.UnsupportedExpression, operation.Syntax.GetLocation(), operation.Syntax.ToString());
        }
        if (MayOverflow(operation))
            return Unsigned(operation).Cast(type);
        if (operation.OperatorKind == BinaryOperatorKind.UnsignedRightShift && type is "int" or "int64")
            return Code.Binary(expressions.Write(operation.LeftOperand).Cast(UnsignedName(type)), sign, binding, Right(operation)).Cast(type);
        return Code.Binary(expressions.Write(operation.LeftOperand), sign, binding, Right(operation));
    }

    /// <summary>A signed sum, product or left shift that may leave its type: C# wraps, C leaves it undefined.</summary>
    private bool MayOverflow(IOperation operation) =>
        operation is IBinaryOperation
        {
            OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply or BinaryOperatorKind.LeftShift,
            Type.SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64,
        } && !function.Ranges.CannotOverflow(operation);

    // The operation in the unsigned type: one unsigned operand makes C compute unsigned.
    private Code Unsigned(IBinaryOperation operation)
    {
        var (sign, binding) = Sign(operation.OperatorKind)!.Value;
        bool isShift = operation.OperatorKind == BinaryOperatorKind.LeftShift;
        bool isLeft = MayOverflow(operation.LeftOperand), isRight = !isShift && MayOverflow(operation.RightOperand);
        Code left = UnsignedOperand(operation.LeftOperand);
        Code right = isShift ? Right(operation) : UnsignedOperand(operation.RightOperand);
        if (!isLeft && !isRight)
            left = left.Cast(operation.Type!.SpecialType == SpecialType.System_Int32 ? "uint" : "uint64");
        return Code.Binary(left, sign, binding, right);
    }

    /// <summary>An operand of an operation that is computed unsigned.</summary>
    public Code UnsignedOperand(IOperation operand) => MayOverflow(operand) ? Unsigned((IBinaryOperation)operand) : expressions.Write(operand);

    private Code Right(IBinaryOperation operation) =>
        IsShift(operation.OperatorKind) ? ShiftCount(operation.RightOperand, operation.Type!) : expressions.Write(operation.RightOperand);

    /// <summary>The count of a shift, masked as C# does.</summary>
    public Code ShiftCount(IOperation count, ITypeSymbol type)
    {
        int mask = type.SpecialType is SpecialType.System_Int64 or SpecialType.System_UInt64 ? 63 : 31;
        if (count.ConstantValue is { HasValue: true, Value: int constant })
            return Code.Literal(constant & mask);
        Range range = function.Ranges.Of(count);
        Code code = expressions.Write(count);
        return range.Min >= 0 && range.Max <= mask ? code : Code.Binary(code, "&", Precedence.And, Code.Literal(mask));
    }

    public Code Unary(IUnaryOperation operation)
    {
        if (operation.IsChecked)
            _translator.Refuse(Diagnostics.Checked, operation);
        string type = _translator.TypeName(operation.Type, operation.Syntax.GetLocation());
        Code operand = expressions.Write(operation.Operand);
        switch (operation.OperatorKind)
        {
            case UnaryOperatorKind.Plus:
                return operand;
            case UnaryOperatorKind.Not:
                return Prefixed("!", operand);
            case UnaryOperatorKind.BitwiseNegation:
                return Prefixed("~", operand);
            case UnaryOperatorKind.Minus when type is "int" or "int64" && !function.Ranges.CannotOverflow(operation):
                return Prefixed("-", operand.Cast(UnsignedName(type))).Cast(type);
            case UnaryOperatorKind.Minus:
                return Prefixed("-", operand);
            default:
                return expressions.Refused(operation);
        }
    }

    private static Code Prefixed(string sign, Code operand)
    {
        // -(-x) must not become --x.
        bool isRepeated = operand.Text.StartsWith(sign, StringComparison.Ordinal);
        return new Code(sign + (isRepeated ? $"({operand.Text})" : operand.AtLeast(Precedence.Unary)), Precedence.Unary);
    }

    public Code Conversion(IConversionOperation operation)
    {
        if (operation.IsChecked)
            _translator.Refuse(Diagnostics.Checked, operation);
        if (expressions.SpecializedValue(operation.Operand) is { } macro)
            return macro;
        Location at = operation.Syntax.GetLocation();
        if (operation.OperatorMethod is not null || operation.IsTryCast)
            return expressions.Refused(operation);
        string to = _translator.TypeName(operation.Type, at);
        string from = _translator.TypeName(operation.Operand.Type, operation.Operand.Syntax.GetLocation());
        if (to == from)
            return expressions.Write(operation.Operand);
        return (from, to) switch
        {
            ("float", "int" or "uint" or "int64" or "uint64") =>
                new Code($"float_to_{to}({expressions.Write(operation.Operand).Text})", Precedence.Postfix),
            ("int", "uint") when MayOverflow(operation.Operand) => Unsigned((IBinaryOperation)operation.Operand),
            ("int" or "uint" or "int64" or "uint64", "int" or "uint" or "int64" or "uint64" or "float") =>
                expressions.Write(operation.Operand).Cast(to),
            _ => expressions.RefusedAs(Diagnostics.UnsupportedExpression, at, operation.Syntax.ToString()),
        };
    }

    private static string UnsignedName(string type) => type == "int64" ? "uint64" : "uint";

    public static bool IsShift(BinaryOperatorKind kind) =>
        kind is BinaryOperatorKind.LeftShift or BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift;

    /// <summary>C's operator; null where the language has none.</summary>
    public static (string Sign, int Binding)? Sign(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Add => ("+", Precedence.Additive),
        BinaryOperatorKind.Subtract => ("-", Precedence.Additive),
        BinaryOperatorKind.Multiply => ("*", Precedence.Multiplicative),
        BinaryOperatorKind.Divide => ("/", Precedence.Multiplicative),
        BinaryOperatorKind.Remainder => ("%", Precedence.Multiplicative),
        BinaryOperatorKind.LeftShift => ("<<", Precedence.Shift),
        BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift => (">>", Precedence.Shift),
        BinaryOperatorKind.And => ("&", Precedence.And),
        BinaryOperatorKind.Or => ("|", Precedence.Or),
        BinaryOperatorKind.ExclusiveOr => ("^", Precedence.Xor),
        BinaryOperatorKind.ConditionalAnd => ("&&", Precedence.LogicalAnd),
        BinaryOperatorKind.ConditionalOr => ("||", Precedence.LogicalOr),
        BinaryOperatorKind.Equals => ("==", Precedence.Equality),
        BinaryOperatorKind.NotEquals => ("!=", Precedence.Equality),
        BinaryOperatorKind.LessThan => ("<", Precedence.Relational),
        BinaryOperatorKind.LessThanOrEqual => ("<=", Precedence.Relational),
        BinaryOperatorKind.GreaterThan => (">", Precedence.Relational),
        BinaryOperatorKind.GreaterThanOrEqual => (">=", Precedence.Relational),
        _ => null,
    };
}
