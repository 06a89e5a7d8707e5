using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates expressions without side effects.</summary>
internal sealed class ExpressionWriter
{
    private readonly FunctionContext _function;
    private readonly KernelTranslator _translator;
    private readonly ArithmeticWriter _arithmetic;
    private readonly ViewWriter _views;

    public ExpressionWriter(FunctionContext function)
    {
        _function = function;
        _translator = function.Translator;
        _arithmetic = new ArithmeticWriter(function, this);
        _views = new ViewWriter(function, this);
    }

    public ViewWriter Views => _views;

    /// <summary>The text of a value.</summary>
    public Code Write(IOperation operation)
    {
        if (operation.ConstantValue is { HasValue: true, Value: { } constant } && !IsNamedConstant(operation))
        {
            _translator.TypeName(operation.Type, operation.Syntax.GetLocation());
            return Code.Literal(constant);
        }
        return operation switch
        {
            ILocalReferenceOperation local => Local(local),
            IParameterReferenceOperation parameter => Parameter(parameter.Parameter),
            IFieldReferenceOperation field => Field(field),
            IPropertyReferenceOperation property => Property(property),
            IArrayElementReferenceOperation element => _views.Element(element),
            IBinaryOperation binary => _arithmetic.Binary(binary),
            IUnaryOperation unary => _arithmetic.Unary(unary),
            IConversionOperation conversion => _arithmetic.Conversion(conversion),
            IConditionalOperation { WhenFalse: not null } conditional => Conditional(conditional),
            IInvocationOperation call => PureCall(call),
            IObjectCreationOperation creation => Creation(creation),
            IDefaultValueOperation value => Default(value),
            IParenthesizedOperation parenthesized => Write(parenthesized.Operand),
            _ => Refused(operation),
        };
    }

    /// <summary>A call that is a statement of its own or the whole right-hand side, so that its effects have one order.</summary>
    public Code Call(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        Location at = call.Syntax.GetLocation();
        if (_views.IsViewMethod(method))
            return Code.Primary("0");
        if (SpecializedValue(call.Instance) is { } macro)
            return macro;
        if (Intrinsics.Instead(method) is { } instead)
            return RefusedAs(Diagnostics.ApproximateMath, at, $"{method.ContainingType.Name}.{method.Name}", instead);
        if (Intrinsics.Function(method) is { } intrinsic)
        {
            _translator.TypeName(method.ReturnType, at);
            return new Code($"{intrinsic}({string.Join(", ", InOrder(call).Select(argument => Write(argument.Value).Text))})", Precedence.Postfix);
        }
        if (method.MethodKind is MethodKind.LocalFunction or MethodKind.DelegateInvoke or MethodKind.AnonymousFunction)
            return RefusedAs(Diagnostics.Delegate, at);
        if (method.IsGenericMethod)
            return RefusedAs(Diagnostics.Generic, at, method.Name);
        if (!method.IsStatic || method.DeclaringSyntaxReferences.IsEmpty)
            return RefusedAs(Diagnostics.UnsupportedCall, at, method.ToDisplayString());
        return HelperCall(call, method, at);
    }

    private Code HelperCall(IInvocationOperation call, IMethodSymbol method, Location at)
    {
        var spaces = new List<AddressSpace?>();
        var arguments = new List<string>();
        foreach (IArgumentOperation argument in InOrder(call))
        {
            if (TypeNames.ViewElement(argument.Parameter!.Type) is not null && argument.Parameter.RefKind == RefKind.None)
            {
                var view = _views.Write(argument.Value);
                spaces.Add(view.Space);
                arguments.Add(view.Code.Text);
                continue;
            }
            spaces.Add(null);
            arguments.Add(argument.Parameter.RefKind == RefKind.None ? Write(argument.Value).Text : Address(argument.Value));
        }
        return new Code($"{_translator.Helper(method, spaces, at)}({string.Join(", ", arguments)})", Precedence.Postfix);
    }

    private Code PureCall(IInvocationOperation call)
    {
        if (_translator.Effects.IsEffect(call.TargetMethod))
            _translator.Refuse(Diagnostics.SideEffect, call, $"the call of '{call.TargetMethod.Name}'");
        return Call(call);
    }

    private string Address(IOperation target)
    {
        switch (target)
        {
            case IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } when _function.IsDeclaredOut(declared.Local):
                return "&" + _function.Name(declared.Local);
            case ILocalReferenceOperation local when _translator.ValueName(local.Type) is not null:
                return "&" + _function.Name(local.Local);
            case IParameterReferenceOperation parameter when _translator.ValueName(parameter.Type) is not null:
                return (parameter.Parameter.RefKind == RefKind.None ? "&" : "") + _function.Name(parameter.Parameter);
            default:
                _translator.Refuse(Diagnostics.Reference, target);
                return "0";
        }
    }

    private static IEnumerable<IArgumentOperation> InOrder(IInvocationOperation call) =>
        call.Arguments.OrderBy(argument => argument.Parameter!.Ordinal);

    private Code Local(ILocalReferenceOperation local)
    {
        if (local.IsDeclaration)
            return Refused(local);
        _translator.TypeName(local.Type, local.Syntax.GetLocation());
        return Code.Primary(_function.Name(local.Local));
    }

    private Code Parameter(IParameterSymbol parameter)
    {
        string name = _function.Name(parameter);
        if (_function.Macro(parameter) is { } macro)
            return Code.Primary(macro);
        return parameter.RefKind == RefKind.None ? Code.Primary(name) : new Code("*" + name, Precedence.Unary);
    }

    private Code Field(IFieldReferenceOperation operation)
    {
        IFieldSymbol field = operation.Field;
        if (operation.Instance is { } instance)
        {
            if (TypeNames.IsLanguageType(field.ContainingType, "Float4"))
                return new Code($"{Write(instance).AtLeast(Precedence.Postfix)}.{field.Name.ToLowerInvariant()}", Precedence.Postfix);
            if (_translator.ValueName(field.ContainingType) is not null)
                return new Code($"{Write(instance).AtLeast(Precedence.Postfix)}.{Names.Field(field)}", Precedence.Postfix);
            return Refused(operation);
        }
        if (field.HasConstantValue && field.ConstantValue is int number)
            return Code.Primary(_translator.Constant(field, number));
        if (field.IsReadOnly && InitialValue(field) is { } value && TypeNames.Value(field.Type) is not null)
            return Code.Literal(value);
        return RefusedAs(Diagnostics.Field, operation.Syntax.GetLocation(), field.Name);
    }

    private object? InitialValue(IFieldSymbol field)
    {
        // A static constructor may set it to something else.
        bool isFinal = field.ContainingType.StaticConstructors.All(constructor => constructor.IsImplicitlyDeclared);
        if (!isFinal || field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not { } syntax)
            return null;
        SemanticModel model = _translator.Compilation.GetSemanticModel(syntax.SyntaxTree);
        return syntax is Microsoft.CodeAnalysis.CSharp.Syntax.VariableDeclaratorSyntax { Initializer: { } initializer }
            && model.GetOperation(initializer) is IFieldInitializerOperation { Value.ConstantValue: { HasValue: true, Value: var value } }
            ? value : null;
    }

    private Code Property(IPropertyReferenceOperation operation)
    {
        if (operation.Property.IsIndexer && TypeNames.ViewElement(operation.Instance?.Type) is not null)
            return _views.Element(operation);
        if (Intrinsics.Property(operation.Property) is { } name)
            return Code.Primary(name);
        if (operation.Property.Name == "Value" && SpecializedValue(operation.Instance) is { } macro)
            return macro;
        if (TypeNames.ViewElement(operation.Instance?.Type) is not null)
            return RefusedAs(Diagnostics.ViewUse, operation.Syntax.GetLocation(), "A view has no length on a device: pass it as a parameter");
        return Refused(operation);
    }

    /// <summary>The macro behind a specialised parameter.</summary>
    public Code? SpecializedValue(IOperation? operation) =>
        operation is IParameterReferenceOperation parameter && _function.Macro(parameter.Parameter) is { } macro ? Code.Primary(macro) : null;

    private Code Conditional(IConditionalOperation conditional)
    {
        _translator.TypeName(conditional.Type, conditional.Syntax.GetLocation());
        string condition = Write(conditional.Condition).Condition();
        string whenTrue = Write(conditional.WhenTrue).AtLeast(Precedence.LogicalOr);
        string whenFalse = Write(conditional.WhenFalse!).AtLeast(Precedence.Conditional);
        return new Code($"{condition} ? {whenTrue} : {whenFalse}", Precedence.Conditional);
    }

    private Code Creation(IObjectCreationOperation creation)
    {
        if (creation.Type is not null && TypeNames.Value(creation.Type) is null && _translator.ValueName(creation.Type) is { } type)
            return Struct(creation, type);
        if (creation.Type is null || !TypeNames.IsLanguageType(creation.Type, "Float4") || creation.Initializer is not null)
            return Refused(creation);
        if (creation.Arguments.IsEmpty)
            return Code.Primary("FLOAT4(0.0f, 0.0f, 0.0f, 0.0f)");
        var components = creation.Arguments.OrderBy(argument => argument.Parameter!.Ordinal).Select(argument => Write(argument.Value).Text);
        return Code.Primary($"FLOAT4({string.Join(", ", components)})");
    }

    private Code Struct(IObjectCreationOperation creation, string type)
    {
        if (!creation.Arguments.IsEmpty || creation.Constructor is { IsImplicitlyDeclared: false })
            return Refused(creation);
        var values = new Dictionary<string, IOperation>();
        foreach (IOperation initializer in creation.Initializer?.Initializers ?? [])
        {
            if (initializer is not ISimpleAssignmentOperation { Target: IFieldReferenceOperation target } assignment)
                return Refused(initializer);
            values[target.Field.Name] = assignment.Value;
        }
        var fields = StructWriter.Fields((INamedTypeSymbol)creation.Type!)
            .Select(field => values.TryGetValue(field.Name, out IOperation? value) ? Write(value) : Zero(field.Type));
        return Code.Primary($"{type}_of({string.Join(", ", fields.Select(field => field.Text))})");
    }

    private Code Default(IDefaultValueOperation value)
    {
        _translator.TypeName(value.Type, value.Syntax.GetLocation());
        return Zero(value.Type!);
    }

    private Code Zero(ITypeSymbol type)
    {
        string? name = _translator.ValueName(type);
        return name switch
        {
            "float4" => Code.Primary("FLOAT4(0.0f, 0.0f, 0.0f, 0.0f)"),
            "float16" => Code.Primary("Float16_Splat(0.0f)"),
            "float" => Code.Literal(0f),
            "bool" => Code.Literal(false),
            "int" or "uint" or "int64" or "uint64" => Code.Literal(0).Cast(name),
            _ => Code.Primary($"{name}_of({string.Join(", ", StructWriter.Fields((INamedTypeSymbol)type).Select(field => Zero(field.Type).Text))})"),
        };
    }

    // An int made of named constants keeps their names; anything else that is constant is written as its value.
    private static bool IsNamedConstant(IOperation operation) =>
        operation.DescendantsAndSelf().All(part => part.Type?.SpecialType == SpecialType.System_Int32)
        && operation.DescendantsAndSelf().Any(part => part is IFieldReferenceOperation or ILocalReferenceOperation);

    public Code Refused(IOperation operation)
    {
        Location at = operation.Syntax.GetLocation();
        return operation switch
        {
            IInvalidOperation => Code.Primary("0"),
            ISimpleAssignmentOperation or ICompoundAssignmentOperation => RefusedAs(Diagnostics.SideEffect, at, "the assignment"),
            IIncrementOrDecrementOperation => RefusedAs(Diagnostics.SideEffect, at, "the increment"),
            IAnonymousFunctionOperation or IDelegateCreationOperation or IMethodReferenceOperation => RefusedAs(Diagnostics.Delegate, at),
            IThrowOperation => RefusedAs(Diagnostics.Exception, at, "throw"),
            _ when operation.Type is { SpecialType: not SpecialType.None } type && TypeNames.Value(type) is null =>
                RefusedAs(Diagnostics.UnsupportedType, at, type.ToDisplayString()),
            _ => RefusedAs(Diagnostics.UnsupportedExpression, at, operation.Syntax.ToString()),
        };
    }

    public Code RefusedAs(string id, Location at, params string[] arguments)
    {
        _translator.Refuse(id, at, arguments);
        return Code.Primary("0");
    }
}
