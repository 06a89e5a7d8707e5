using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>A view in the text: a pointer.</summary>
/// <param name="Code">The pointer.</param>
/// <param name="Space">Where it points.</param>
internal readonly record struct ViewCode(Code Code, AddressSpace Space);

/// <summary>Translates views, their parts and their elements.</summary>
internal sealed class ViewWriter(FunctionContext function, ExpressionWriter expressions)
{
    private readonly KernelTranslator _translator = function.Translator;

    /// <summary>The text of a view.</summary>
    public ViewCode Write(IOperation operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation local when function.Space(local.Local) is { } space:
                return new ViewCode(Code.Primary(function.Name(local.Local)), space);
            case IParameterReferenceOperation parameter when function.Space(parameter.Parameter) is { } space:
                return new ViewCode(Code.Primary(function.Name(parameter.Parameter)), space);
            case IInvocationOperation { Instance: { } instance } call when IsViewMethod(call.TargetMethod):
                return Part(call, Write(instance));
            case IInvocationOperation call when IsAllocation(call.TargetMethod):
                return Refused(Diagnostics.AllocationPlace, operation, "An allocation must be the initial value of a local variable of its own");
            case IConditionalOperation { WhenFalse: { } whenFalse } conditional:
                return Choice(conditional, Write(conditional.WhenTrue), Write(whenFalse));
            default:
                return Refused(Diagnostics.ViewUse, operation, $"'{operation.Syntax}' is not a view that the translator can follow");
        }
    }

    private ViewCode Part(IInvocationOperation call, ViewCode view)
    {
        if (call.TargetMethod.Name == "SubView")
        {
            IArgumentOperation offset = call.Arguments.First(argument => argument.Parameter!.Ordinal == 0);
            return new ViewCode(Code.Binary(view.Code, "+", Precedence.Additive, expressions.Write(Index(offset.Value))), view.Space);
        }
        string type = _translator.ElementName(call.TargetMethod.TypeArguments[0], call.Syntax.GetLocation());
        return new ViewCode(view.Code.Cast($"{TypeNames.Word(view.Space)}{type} *"), view.Space);
    }

    private ViewCode Choice(IConditionalOperation conditional, ViewCode whenTrue, ViewCode whenFalse)
    {
        if (whenTrue.Space != whenFalse.Space)
            return Refused(Diagnostics.ViewUse, conditional, "Both views of a choice must lie in the same memory: global, shared or local");
        string condition = expressions.Write(conditional.Condition).Condition();
        string text = $"{condition} ? {whenTrue.Code.AtLeast(Precedence.LogicalOr)} : {whenFalse.Code.AtLeast(Precedence.Conditional)}";
        return new ViewCode(new Code(text, Precedence.Conditional), whenTrue.Space);
    }

    /// <summary>An element of a view: a value or the target of an assignment.</summary>
    public Code Element(IPropertyReferenceOperation element) => Element(element.Instance!, element.Arguments[0].Value);

    /// <summary>An element of a local array.</summary>
    public Code Element(IArrayElementReferenceOperation element)
    {
        if (element.Indices.Length == 1)
            return Element(element.ArrayReference, element.Indices[0]);
        return expressions.RefusedAs(Diagnostics.UnsupportedExpression, element.Syntax.GetLocation(), element.Syntax.ToString());
    }

    private Code Element(IOperation view, IOperation index) =>
        new($"{Write(view).Code.AtLeast(Precedence.Postfix)}[{expressions.Write(Index(index)).Text}]", Precedence.Postfix);

    // C indexes with any integer: an int needs no conversion to the long that C# asks for.
    private static IOperation Index(IOperation index) =>
        index is IConversionOperation { IsImplicit: true, Operand: { Type.SpecialType: SpecialType.System_Int32 } operand } ? operand : index;

    /// <summary>SubView or Cast.</summary>
    public bool IsViewMethod(IMethodSymbol method) => TypeNames.ViewElement(method.ContainingType) is not null && method.Name is "SubView" or "Cast";

    /// <summary>SharedMemory.Allocate or LocalMemory.Allocate.</summary>
    public static bool IsAllocation(IMethodSymbol method) =>
        method.Name == "Allocate"
        && (TypeNames.IsLanguageType(method.ContainingType, "SharedMemory") || TypeNames.IsLanguageType(method.ContainingType, "LocalMemory"));

    private ViewCode Refused(string id, IOperation operation, string message)
    {
        _translator.Refuse(id, operation, message);
        return new ViewCode(Code.Primary("0"), AddressSpace.Global);
    }
}
