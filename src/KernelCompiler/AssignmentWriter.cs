using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates what may stand as a statement of its own: assignments, increments and calls.</summary>
internal sealed class AssignmentWriter(FunctionContext function, ExpressionWriter expressions)
{
    private readonly KernelTranslator _translator = function.Translator;
    private readonly ArithmeticWriter _arithmetic = new(function, expressions);

    /// <summary>The text without the semicolon.</summary>
    public string Expression(IOperation operation)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation { IsRef: false } assignment:
                return Simple(assignment);
            case ICompoundAssignmentOperation compound:
                return Compound(compound);
            case IIncrementOrDecrementOperation increment:
                return Increment(increment);
            case IInvocationOperation call:
                return expressions.Call(call).Text;
            default:
                return expressions.Refused(operation).Text;
        }
    }

    private string Simple(ISimpleAssignmentOperation assignment)
    {
        if (TypeNames.ViewElement(assignment.Target.Type) is not null || assignment.Target.Type is IArrayTypeSymbol)
            return View(assignment);
        string target = Target(assignment.Target);
        // A call with effects may change what the target's index reads: only a plain local or parameter has no index.
        bool isPlain = assignment.Target is ILocalReferenceOperation or IParameterReferenceOperation;
        Code value = isPlain && assignment.Value is IInvocationOperation call ? expressions.Call(call) : expressions.Write(assignment.Value);
        return $"{target} = {value.Text}";
    }

    private string View(ISimpleAssignmentOperation assignment)
    {
        ViewCode target = expressions.Views.Write(assignment.Target), value = expressions.Views.Write(assignment.Value);
        if (target.Space != value.Space)
            _translator.Refuse(Diagnostics.ViewUse, assignment, "A view variable keeps the memory it was declared in: global, shared or local");
        return $"{target.Code.Text} = {value.Code.Text}";
    }

    private string Compound(ICompoundAssignmentOperation compound)
    {
        if (compound.IsChecked)
            _translator.Refuse(Diagnostics.Checked, compound);
        string type = _translator.TypeName(compound.Target.Type, compound.Target.Syntax.GetLocation());
        BinaryOperatorKind kind = compound.OperatorKind;
        if (compound.OperatorMethod is not null || !compound.InConversion.IsIdentity || !compound.OutConversion.IsIdentity
            || (type == "float" && kind == BinaryOperatorKind.Remainder) || ArithmeticWriter.Sign(kind) is not var (sign, binding))
        {
            return expressions.RefusedAs(Diagnostics.UnsupportedExpression, compound.Syntax.GetLocation(), compound.Syntax.ToString()).Text;
        }
        string target = Target(compound.Target);
        bool isShift = ArithmeticWriter.IsShift(kind);
        bool isUnsigned = type is "int" or "int64" && kind is BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply
            or BinaryOperatorKind.LeftShift or BinaryOperatorKind.UnsignedRightShift;
        Code value = isShift ? _arithmetic.ShiftCount(compound.Value, compound.Target.Type!)
            : isUnsigned ? _arithmetic.UnsignedOperand(compound.Value) : expressions.Write(compound.Value);
        return isUnsigned ? Wrapped(target, sign, binding, value, type) : $"{target} {sign}= {value.Text}";
    }

    private string Increment(IIncrementOrDecrementOperation increment)
    {
        if (increment.IsChecked)
            _translator.Refuse(Diagnostics.Checked, increment);
        string type = _translator.TypeName(increment.Target.Type, increment.Target.Syntax.GetLocation());
        string target = Target(increment.Target), sign = increment.Kind == OperationKind.Increment ? "+" : "-";
        if (type is "int" or "int64")
            return Wrapped(target, sign, Precedence.Additive, Code.Literal(1), type);
        return target.StartsWith("*", StringComparison.Ordinal) ? $"({target}){sign}{sign}" : $"{target}{sign}{sign}";
    }

    private static string Wrapped(string target, string sign, int binding, Code value, string type)
    {
        Code unsigned = new Code(target, Precedence.Unary).Cast(type == "int" ? "uint" : "uint64");
        return $"{target} = {Code.Binary(unsigned, sign, binding, value).Cast(type).Text}";
    }

    /// <summary>What is assigned to.</summary>
    private string Target(IOperation target)
    {
        switch (target)
        {
            case ILocalReferenceOperation or IParameterReferenceOperation or IPropertyReferenceOperation or IArrayElementReferenceOperation:
            case IFieldReferenceOperation { Instance: not null }:
                return expressions.Write(target).Text;
            case IFieldReferenceOperation field:
                return expressions.RefusedAs(Diagnostics.Field, target.Syntax.GetLocation(), field.Field.Name).Text;
            default:
                return expressions.RefusedAs(Diagnostics.UnsupportedExpression, target.Syntax.GetLocation(), target.Syntax.ToString()).Text;
        }
    }
}
