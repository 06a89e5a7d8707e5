using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>What is known of the function being translated: where its views lie, which of its locals never change.</summary>
internal sealed class FunctionContext(KernelTranslator translator, IMethodSymbol method, int groupSize)
{
    private readonly LocalNames _names = new(translator.MemberNames);
    private readonly Dictionary<ISymbol, AddressSpace> _spaces = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, string> _macros = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _out = new(SymbolEqualityComparer.Default);
    private Ranges? _ranges;
    private readonly HashSet<ISymbol> _assigned = Assigned(translator.Effects.Body(method));
    private readonly HashSet<ISymbol> _private = Private(translator.Effects.Body(method));

    public KernelTranslator Translator => translator;

    /// <summary>A kernel, not a helper.</summary>
    public bool IsKernel => groupSize > 0;

    public Ranges Ranges => _ranges ??= new Ranges(groupSize, IsSpecialized);

    /// <summary>Notes that an out variable has been declared before the statement that it stands in.</summary>
    public void DeclareOut(ISymbol local) => _out.Add(local);

    /// <summary>True for an out variable that has been declared.</summary>
    public bool IsDeclaredOut(ISymbol local) => _out.Contains(local);

    /// <summary>C name of a local or parameter.</summary>
    public string Name(ISymbol symbol) => _names.Of(symbol);

    public void SetSpace(ISymbol view, AddressSpace space) => _spaces[view] = space;

    /// <summary>Where a view's memory lies; null before its declaration has been translated.</summary>
    public AddressSpace? Space(ISymbol view) => _spaces.TryGetValue(view, out AddressSpace space) ? space : null;

    public void SetMacro(ISymbol parameter, string macro) => _macros[parameter] = macro;

    /// <summary>Name of a specialised value's macro.</summary>
    public string? Macro(ISymbol parameter) => _macros.TryGetValue(parameter, out string? macro) ? macro : null;

    /// <summary>A specialised value itself.</summary>
    private bool IsSpecialized(IOperation operation) => operation switch
    {
        IParameterReferenceOperation parameter => Macro(parameter.Parameter) is not null,
        IConversionOperation { Operand: IParameterReferenceOperation operand } => Macro(operand.Parameter) is not null,
        IPropertyReferenceOperation { Property.Name: "Value", Instance: IParameterReferenceOperation instance } => IsSpecialized(instance),
        _ => false,
    };

    /// <summary>A constant of the compiled program: of C#, or made of specialised values.</summary>
    public bool IsConstant(IOperation operation) => operation switch
    {
        { ConstantValue.HasValue: true } => true,
        IParameterReferenceOperation parameter => Macro(parameter.Parameter) is not null,
        IPropertyReferenceOperation { Property.Name: "Value", Instance: { } instance } => IsConstant(instance),
        IConversionOperation conversion => IsConstant(conversion.Operand),
        IUnaryOperation unary => IsConstant(unary.Operand),
        IBinaryOperation binary => IsConstant(binary.LeftOperand) && IsConstant(binary.RightOperand),
        _ => false,
    };

    /// <summary>True for views of registers.</summary>
    public bool IsPrivate(IOperation view) => view switch
    {
        ILocalReferenceOperation local => Space(local.Local) == AddressSpace.Private || _private.Contains(local.Local),
        IParameterReferenceOperation parameter => Space(parameter.Parameter) == AddressSpace.Private,
        IInvocationOperation { Instance: { } instance } => IsPrivate(instance),
        IInvocationOperation call => ViewWriter.IsAllocation(call.TargetMethod) && call.TargetMethod.ContainingType.Name == "LocalMemory",
        _ => false,
    };

    /// <summary>True where a local is assigned anywhere but at its declaration.</summary>
    public bool IsAssigned(ISymbol local) => _assigned.Contains(local);

    /// <summary>The locals that <paramref name="operation"/> assigns, increments or passes by reference.</summary>
    public static HashSet<ISymbol> Assigned(IOperation? operation)
    {
        var result = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (IOperation part in operation?.DescendantsAndSelf() ?? [])
        {
            IOperation? target = part switch
            {
                IAssignmentOperation assignment => assignment.Target,
                IIncrementOrDecrementOperation increment => increment.Target,
                IArgumentOperation { Parameter.RefKind: not RefKind.None } argument => argument.Value,
                _ => null,
            };
            if (target is ILocalReferenceOperation local)
                result.Add(local.Local);
        }
        return result;
    }

    // Found before translation: a loop is unrolled for the arrays declared inside it, too.
    private static HashSet<ISymbol> Private(IOperation? body) =>
        new((body?.Descendants().OfType<IVariableDeclaratorOperation>() ?? [])
            .Where(declarator => declarator.GetVariableInitializer()?.Value is IInvocationOperation { TargetMethod: var method }
                && ViewWriter.IsAllocation(method) && method.ContainingType.Name == "LocalMemory")
            .Select(declarator => (ISymbol)declarator.Symbol), SymbolEqualityComparer.Default);
}
