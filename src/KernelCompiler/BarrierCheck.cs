using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>
/// Refuses a barrier that some work items of a group may not reach: one inside a branch or loop, or behind a return, that depends on
/// Group.IdxX. Follows what depends on it through locals, parameters, indices and calls.
/// </summary>
internal sealed class BarrierCheck(KernelTranslator translator, int groupSize)
{
    private readonly HashSet<IMethodSymbol> _active = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<IMethodSymbol, bool> _barriers = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<string, bool> _results = new(StringComparer.Ordinal);

    /// <summary>Checks a kernel and the helpers that it calls.</summary>
    public void Check(IMethodSymbol kernel)
    {
        if (groupSize > 1 && HasBarrier(kernel))
            Run(kernel, [], isReporting: true);
    }

    private bool HasBarrier(IMethodSymbol method)
    {
        if (Intrinsics.Function(method) == Intrinsics.Barrier)
            return true;
        if (_barriers.TryGetValue(method, out bool known))
            return known;
        _barriers[method] = false;
        return _barriers[method] =
            translator.Effects.Body(method)?.Descendants().OfType<IInvocationOperation>().Any(call => HasBarrier(call.TargetMethod)) == true;
    }

    // True where the result differs between the items of a group.
    private bool Varies(IMethodSymbol method, IReadOnlyCollection<IParameterSymbol> varyingParameters)
    {
        string key = method.ToDisplayString() + string.Concat(varyingParameters.Select(parameter => $" {parameter.Ordinal}"));
        if (_results.TryGetValue(key, out bool known))
            return known;
        _results[key] = false;
        return _results[key] = Run(method, varyingParameters, isReporting: false);
    }

    private bool Run(IMethodSymbol method, IReadOnlyCollection<IParameterSymbol> varyingParameters, bool isReporting)
    {
        if (translator.Effects.Body(method) is not { } body || !_active.Add(method))
            return false;
        var walk = new Walk(this, varyingParameters);
        // Loops carry what varies back to their beginning.
        while (walk.Visit(body))
        {
        }
        if (isReporting)
            walk.Report(body);
        _active.Remove(method);
        return walk.ResultVaries || walk.AnyVaries(method.Parameters.Where(parameter => parameter.RefKind != RefKind.None));
    }

    /// <summary>One function, for one choice of parameters that vary.</summary>
    private sealed class Walk(BarrierCheck check, IEnumerable<IParameterSymbol> varyingParameters)
    {
        private readonly HashSet<ISymbol> _varying = new(varyingParameters, SymbolEqualityComparer.Default);
        private bool _isDivergent, _hasReturned, _hasBroken, _hasContinued, _hasGrown, _isReporting;

        public bool ResultVaries { get; private set; }

        public bool AnyVaries(IEnumerable<ISymbol> symbols) => symbols.Any(_varying.Contains);

        /// <summary>Walks the body; true where more turned out to vary than before.</summary>
        public bool Visit(IOperation body)
        {
            (_isDivergent, _hasReturned, _hasBroken, _hasContinued, _hasGrown) = (false, false, false, false, false);
            Statement(body);
            return _hasGrown;
        }

        public void Report(IOperation body)
        {
            _isReporting = true;
            Visit(body);
        }

        private bool IsDivergent => _isDivergent || _hasReturned || _hasBroken || _hasContinued;

        private void Statement(IOperation? statement)
        {
            switch (statement)
            {
                case IBlockOperation block:
                    foreach (IOperation inner in block.Operations)
                        Statement(inner);
                    break;
                case IConditionalOperation conditional:
                    Effects(conditional.Condition);
                    Under(Varies(conditional.Condition), () =>
                    {
                        Statement(conditional.WhenTrue);
                        Statement(conditional.WhenFalse);
                    });
                    break;
                case IForLoopOperation loop:
                    foreach (IOperation before in loop.Before)
                        Statement(before);
                    Loop(loop.Condition, () =>
                    {
                        Statement(loop.Body);
                        _hasContinued = false;
                        foreach (IOperation bottom in loop.AtLoopBottom)
                            Statement(bottom);
                    });
                    break;
                case IWhileLoopOperation loop:
                    Loop(loop.Condition, () => Statement(loop.Body));
                    break;
                case IBranchOperation { BranchKind: BranchKind.Break }:
                    _hasBroken |= IsDivergent;
                    break;
                case IBranchOperation:
                    _hasContinued |= IsDivergent;
                    break;
                case IReturnOperation result:
                    Effects(result);
                    ResultVaries |= result.ReturnedValue is { } value && (IsDivergent || Varies(value));
                    _hasReturned |= IsDivergent;
                    break;
                case not null:
                    Effects(statement);
                    break;
            }
        }

        private void Under(bool varies, Action body)
        {
            bool outer = _isDivergent;
            _isDivergent |= varies;
            body();
            _isDivergent = outer;
        }

        private void Loop(IOperation? condition, Action body)
        {
            (bool outerDivergent, bool outerBroken, bool outerContinued) = (_isDivergent, _hasBroken, _hasContinued);
            _isDivergent |= outerContinued;
            // Twice: an item that broke off in one round misses the barriers of the next.
            for (int round = 0; round < 2; round++)
            {
                _hasContinued = false;
                Under(condition is not null && Varies(condition), body);
            }
            (_isDivergent, _hasBroken, _hasContinued) = (outerDivergent, outerBroken, outerContinued);
        }

        // Assignments and calls anywhere in a statement.
        private void Effects(IOperation statement)
        {
            foreach (IOperation part in statement.DescendantsAndSelf())
            {
                switch (part)
                {
                    case IVariableDeclaratorOperation { Symbol: var local } declarator when declarator.GetVariableInitializer() is { } initializer:
                        Mark(local, Varies(initializer.Value));
                        break;
                    case IAssignmentOperation assignment:
                        Mark(Target(assignment.Target), Varies(assignment.Value));
                        break;
                    case IIncrementOrDecrementOperation increment:
                        Mark(Target(increment.Target), false);
                        break;
                    case IInvocationOperation call:
                        Call(call);
                        break;
                }
            }
        }

        private void Call(IInvocationOperation call)
        {
            bool varies = call.Arguments.Any(argument => Varies(argument.Value));
            foreach (IArgumentOperation argument in call.Arguments.Where(argument => argument.Parameter!.RefKind != RefKind.None))
                Mark(Target(argument.Value), varies || Varies(call));
            if (!_isReporting || !check.HasBarrier(call.TargetMethod))
                return;
            if (IsDivergent)
                check.Refuse(call);
            else
                check.Run(call.TargetMethod, VaryingParameters(call), isReporting: true);
        }

        private IParameterSymbol[] VaryingParameters(IInvocationOperation call) =>
            [.. call.Arguments.Where(argument => Varies(argument.Value)).Select(argument => argument.Parameter!)];

        private static ISymbol? Target(IOperation target) => target switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            IDeclarationExpressionOperation declaration => Target(declaration.Expression),
            IFieldReferenceOperation { Instance: { } instance } => Target(instance),
            _ => null,
        };

        // What is assigned where only some items come differs afterwards.
        private void Mark(ISymbol? target, bool varies)
        {
            if (target is not null && (varies || IsDivergent))
                _hasGrown |= _varying.Add(target);
        }

        private bool Varies(IOperation value) => value switch
        {
            ILocalReferenceOperation local => _varying.Contains(local.Local),
            IParameterReferenceOperation parameter => _varying.Contains(parameter.Parameter),
            IPropertyReferenceOperation { Instance: null } property => Intrinsics.Property(property.Property) == Intrinsics.ItemIndex,
            IInvocationOperation call when ViewWriter.IsAllocation(call.TargetMethod) => call.TargetMethod.ContainingType.Name == "LocalMemory",
            IInvocationOperation { TargetMethod: { DeclaringSyntaxReferences.IsEmpty: false, IsStatic: true } method } call =>
                check.Varies(method, VaryingParameters(call)),
            _ => value.ChildOperations.Any(Varies),
        };
    }

    private void Refuse(IInvocationOperation call) => translator.Refuse(Diagnostics.DivergentBarrier, call);
}
