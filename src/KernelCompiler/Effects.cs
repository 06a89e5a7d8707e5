using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>What a function changes besides its own locals, so that calls inside expressions can be refused where order would matter.</summary>
internal sealed class Effects(Compilation compilation)
{
    private readonly Dictionary<IMethodSymbol, bool> _known = new(SymbolEqualityComparer.Default);

    /// <summary>Body of a method, or null where its source is not at hand.</summary>
    public IOperation? Body(IMethodSymbol method)
    {
        SyntaxNode? syntax = method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax();
        if (syntax is null || !compilation.ContainsSyntaxTree(syntax.SyntaxTree))
            return null;
        var definition = compilation.GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax) as IMethodBodyOperation;
        return definition?.BlockBody ?? definition?.ExpressionBody;
    }

    /// <summary>True where it writes memory, its ref parameters, or waits at a barrier.</summary>
    public bool HasSideEffects(IMethodSymbol method)
    {
        if (_known.TryGetValue(method, out bool known))
            return known;
        _known[method] = false;
        bool result = Body(method) is { } body && body.DescendantsAndSelf().Any(IsEffect);
        _known[method] = result;
        return result;
    }

    private bool IsEffect(IOperation operation) => operation switch
    {
        IIncrementOrDecrementOperation increment => IsOutside(increment.Target),
        IAssignmentOperation assignment => IsOutside(assignment.Target),
        IInvocationOperation call => IsEffect(call.TargetMethod),
        _ => false,
    };

    /// <summary>True where calling the method changes something.</summary>
    public bool IsEffect(IMethodSymbol method) =>
        Intrinsics.Function(method) is { } function
            ? function == Intrinsics.Barrier
            : method.Parameters.Any(parameter => parameter.RefKind != RefKind.None) || HasSideEffects(method);

    private static bool IsOutside(IOperation target) => target switch
    {
        ILocalReferenceOperation => false,
        IParameterReferenceOperation parameter => parameter.Parameter.RefKind != RefKind.None,
        IFieldReferenceOperation { Instance: { } instance } => IsOutside(instance),
        _ => true,
    };
}
