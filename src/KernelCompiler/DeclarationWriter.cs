using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates declarations of locals: scalars, views and allocations.</summary>
internal sealed class DeclarationWriter(FunctionContext function, ExpressionWriter expressions)
{
    private readonly KernelTranslator _translator = function.Translator;

    /// <summary>The declarations of one statement, a line each.</summary>
    public IEnumerable<string> Lines(IVariableDeclarationGroupOperation group, bool isTopOfKernel) =>
        group.Declarations.SelectMany(declaration => declaration.Declarators).Select(declarator => Line(declarator, isTopOfKernel) + ";");

    private string Line(IVariableDeclaratorOperation declarator, bool isTopOfKernel)
    {
        ILocalSymbol local = declarator.Symbol;
        Location at = declarator.Syntax.GetLocation();
        IOperation? value = declarator.GetVariableInitializer()?.Value;
        string name = function.Name(local);
        if (local.IsRef)
            return expressions.RefusedAs(Diagnostics.UnsupportedExpression, at, "ref " + declarator.Syntax).Text;
        if (value is IArrayCreationOperation array && array.DimensionSizes.Length == 1 && array.Initializer is null)
            return Allocation(local, name, ((IArrayTypeSymbol)array.Type!).ElementType, array.DimensionSizes[0], AddressSpace.Private);
        if (value is IInvocationOperation call && ViewWriter.IsAllocation(call.TargetMethod))
        {
            AddressSpace space = call.TargetMethod.ContainingType.Name == "SharedMemory" ? AddressSpace.Shared : AddressSpace.Private;
            if (space == AddressSpace.Shared && !isTopOfKernel)
                _translator.Refuse(Diagnostics.AllocationPlace, at, "Shared memory is allocated at the top level of a kernel; pass it to helpers");
            return Allocation(local, name, call.TargetMethod.TypeArguments[0], call.Arguments[0].Value, space);
        }
        if (TypeNames.ViewElement(local.Type) is { } element)
            return View(local, name, element, value, at);
        string type = _translator.TypeName(local.Type, at);
        if (value is null)
            return $"{type} {name}";
        if (local.IsConst && type == "int")
            return $"enum {{ {name} = {expressions.Write(value).Text} }}";
        if (type == "int" && !function.IsAssigned(local))
            function.Ranges.Set(local, function.Ranges.Of(value));
        return $"{type} {name} = {Value(value).Text}";
    }

    /// <summary>A variable declared in an out argument: in C it is declared before the call.</summary>
    public string OutVariable(ILocalSymbol local)
    {
        function.DeclareOut(local);
        return $"{_translator.TypeName(local.Type, local.Locations[0])} {function.Name(local)}";
    }

    private Code Value(IOperation value) => value is IInvocationOperation call ? expressions.Call(call) : expressions.Write(value);

    private string View(ILocalSymbol local, string name, ITypeSymbol element, IOperation? value, Location at)
    {
        if (value is null)
            return expressions.RefusedAs(Diagnostics.ViewUse, at, $"View '{local.Name}' needs an initial value: it says where it lies").Text;
        ViewCode view = expressions.Views.Write(value);
        function.SetSpace(local, view.Space);
        return $"{TypeNames.Word(view.Space)}{_translator.ElementName(element, at)} *{name} = {view.Code.Text}";
    }

    private string Allocation(ILocalSymbol local, string name, ITypeSymbol element, IOperation length, AddressSpace space)
    {
        function.SetSpace(local, space);
        if (!function.IsConstant(length))
            _translator.Refuse(Diagnostics.AllocationLength, length);
        string type = _translator.ElementName(element, local.Locations[0]);
        string count = expressions.Write(length).Text;
        return space == AddressSpace.Shared ? $"SHARED({type}, {name}, {count})" : $"ALIGNED {type} {name}[{count}] = {{0}}";
    }

    /// <summary>The first part of a for statement.</summary>
    public string Inline(IVariableDeclarationGroupOperation group)
    {
        IVariableDeclaratorOperation[] declarators = [.. group.Declarations.SelectMany(declaration => declaration.Declarators)];
        string type = _translator.TypeName(declarators[0].Symbol.Type, group.Syntax.GetLocation());
        return $"{type} " + string.Join(", ", declarators.Select(declarator =>
            function.Name(declarator.Symbol)
            + (declarator.GetVariableInitializer() is { } initializer ? $" = {Value(initializer.Value).Text}" : "")));
    }
}
