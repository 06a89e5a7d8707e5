using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace P6bNative.KernelCompiler;

/// <summary>Translates one kernel and the helpers it calls.</summary>
internal sealed class KernelTranslator(Compilation compilation, INamedTypeSymbol kernelClass)
{
    private const int Capacity = 24;
    private const int LargestGroup = 1024;

    private readonly List<FunctionText> _functions = [];
    private readonly List<ConstantText> _constants = [];
    private readonly StructWriter _structs = new();
    private readonly List<Refusal> _refusals = [];
    private readonly HashSet<string> _active = [];

    public Compilation Compilation => compilation;

    /// <summary>What locals may not be called: the functions and constants of the class.</summary>
    public ICollection<string> MemberNames { get; } = new HashSet<string>(kernelClass.MemberNames, StringComparer.Ordinal);

    public Effects Effects { get; } = new(compilation);

    public bool OpenClOnly { get; private set; }

    public static KernelModel Translate(Compilation compilation, IMethodSymbol kernel, int groupSize)
    {
        var translator = new KernelTranslator(compilation, kernel.ContainingType);
        return translator.Kernel(kernel, groupSize);
    }

    public void Refuse(string id, IOperation at, params string[] arguments) => Refuse(id, at.Syntax.GetLocation(), arguments);

    public void Refuse(string id, Location at, params string[] arguments)
    {
        var refusal = Refusal.At(id, at, arguments);
        if (!_refusals.Contains(refusal))
            _refusals.Add(refusal);
    }

    /// <summary>Name of a value type in the text; refused where it is not in the language.</summary>
    public string TypeName(ITypeSymbol? type, Location at)
    {
        OpenClOnly |= TypeNames.IsFloat16(type);
        if (ValueName(type) is { } name)
            return name;
        // What has no type is an error of C#, or refused for what it is.
        if (type is not (null or IErrorTypeSymbol))
            Refuse(Diagnostics.UnsupportedType, at, type.ToDisplayString());
        return "int";
    }

    /// <summary>Name of a value type in the text, a struct's included; null where it is not in the language.</summary>
    public string? ValueName(ITypeSymbol? type) => TypeNames.Value(type) ?? (type is INamedTypeSymbol named ? _structs.Name(named) : null);

    /// <summary>Name of a view's element type in the text; refused where views cannot hold it.</summary>
    public string ElementName(ITypeSymbol type, Location at)
    {
        OpenClOnly |= TypeNames.IsFloat16(type);
        if (TypeNames.Element(type) is { } name)
            return name;
        Refuse(Diagnostics.ElementType, at, type.ToDisplayString());
        return "float";
    }

    /// <summary>Name of an int constant, defined at the head of the program.</summary>
    public string Constant(IFieldSymbol field, int value)
    {
        string name = Names.Global(MemberName(field));
        var constant = new ConstantText(name, Code.Literal(value).Text);
        if (!_constants.Contains(constant))
            _constants.Add(constant);
        return name;
    }

    /// <summary>Name of the function that a helper becomes for views in the given address spaces; translated on first use.</summary>
    public string Helper(IMethodSymbol method, IReadOnlyList<AddressSpace?> spaces, Location at)
    {
        string name = FunctionName(method, spaces);
        if (_active.Contains(name))
        {
            Refuse(Diagnostics.Recursion, at, method.Name);
            return name;
        }
        if (_functions.Exists(function => function.Name == name))
            return name;
        if (IsKernel(method) || Effects.Body(method) is not { } body)
        {
            Refuse(Diagnostics.UnsupportedCall, at, method.ToDisplayString());
            return name;
        }
        _active.Add(name);
        var function = new FunctionContext(this, method, groupSize: 0);
        string parameters = string.Join(", ", method.Parameters.Select((parameter, i) => HelperParameter(function, parameter, spaces[i])));
        string result = TypeNames.ViewElement(method.ReturnType) is null ? TypeName(method.ReturnType, at) : RefuseView(method, at);
        string text = $"FUNCTION {result} {name}({(parameters.Length == 0 ? "void" : parameters)})\n{new StatementWriter(function).Body(body, "")}";
        _active.Remove(name);
        _functions.Add(new FunctionText(name, text));
        return name;
    }

    private string RefuseView(IMethodSymbol method, Location at)
    {
        Refuse(Diagnostics.ViewUse, at, $"'{method.Name}' returns a view: return its offset, or take the view as a parameter");
        return "int";
    }

    private string MemberName(ISymbol member) =>
        SymbolEqualityComparer.Default.Equals(member.ContainingType, kernelClass) ? member.Name : $"{member.ContainingType.Name}_{member.Name}";

    private string FunctionName(IMethodSymbol method, IReadOnlyList<AddressSpace?> spaces)
    {
        string name = MemberName(method);
        bool isOverloaded = method.ContainingType.GetMembers(method.Name).Length > 1;
        if (isOverloaded)
            name += string.Concat(method.Parameters.Select(parameter => "_" + (TypeNames.ViewElement(parameter.Type) ?? parameter.Type).Name));
        if (spaces.Any(space => space is AddressSpace.Shared or AddressSpace.Private))
            name += string.Concat(spaces.Where(space => space is not null).Select(space => "_" + space!.Value.ToString().ToLowerInvariant()));
        return Names.Global(name);
    }

    private string HelperParameter(FunctionContext function, IParameterSymbol parameter, AddressSpace? space)
    {
        Location at = parameter.Locations[0];
        string name = function.Name(parameter);
        if (space is { } viewSpace && TypeNames.ViewElement(parameter.Type) is { } element)
        {
            function.SetSpace(parameter, viewSpace);
            return $"{TypeNames.Word(viewSpace)}{ElementName(element, at)} *{name}";
        }
        if (TypeNames.SpecializedType(parameter.Type) is not null)
            Refuse(Diagnostics.Specialization, at, parameter.Name);
        string type = TypeName(parameter.Type, at);
        return parameter.RefKind == RefKind.None ? $"{type} {name}" : $"{type} *{name}";
    }

    private KernelModel Kernel(IMethodSymbol kernel, int groupSize)
    {
        Location at = kernel.Locations[0];
        if (!kernel.IsStatic || !kernel.ReturnsVoid)
            Refuse(Diagnostics.KernelShape, at, kernel.Name);
        if (!IsKernelClass(kernelClass))
            Refuse(Diagnostics.ClassShape, at, kernel.Name);
        if (kernel.IsGenericMethod || kernelClass.IsGenericType)
            Refuse(Diagnostics.Generic, at, kernel.Name);
        if (groupSize is < 1 or > LargestGroup)
            Refuse(Diagnostics.GroupSize, at, kernel.Name, $"{groupSize}");
        if (kernelClass.GetMembers(kernel.Name).OfType<IMethodSymbol>().Count(IsKernel) > 1)
            Refuse(Diagnostics.DuplicateName, at, kernelClass.Name, kernel.Name);

        var function = new FunctionContext(this, kernel, groupSize);
        ParameterModel[] parameters = [.. kernel.Parameters.Select(parameter => KernelParameter(function, kernel, parameter))];
        int constants = parameters.Count(parameter => parameter.Kind == ParameterKind.Constant);
        if (constants > Capacity)
            Refuse(Diagnostics.TooManyParameters, at, kernel.Name, $"{constants}", "specialised values", $"{Capacity}");
        if (parameters.Length - constants > Capacity)
            Refuse(Diagnostics.TooManyParameters, at, kernel.Name, $"{parameters.Length - constants}", "parameters", $"{Capacity}");
        new BarrierCheck(this, groupSize).Check(kernel);
        string text = _refusals.Count == 0 && Effects.Body(kernel) is { } body ? KernelText(function, kernel, groupSize, body) : "";
        return new KernelModel(
            kernelClass.ContainingNamespace.IsGlobalNamespace ? "" : kernelClass.ContainingNamespace.ToDisplayString(),
            kernelClass.Name,
            kernel.Name,
            groupSize,
            new EquatableArray<ParameterModel>([.. parameters]),
            new EquatableArray<FunctionText>([.. _functions]),
            new EquatableArray<ConstantText>([.. _constants]),
            new EquatableArray<StructText>([.. _structs.Texts]),
            text,
            OpenClOnly,
            new EquatableArray<Refusal>([.. _refusals]));
    }

    private static bool IsKernel(IMethodSymbol method) =>
        method.GetAttributes().Any(attribute => attribute.AttributeClass is { } type && TypeNames.IsLanguageType(type, "KernelAttribute"));

    private static bool IsKernelClass(INamedTypeSymbol type) =>
        type.IsStatic && type.ContainingType is null
        && type.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is ClassDeclarationSyntax declaration && declaration.Modifiers.Any(modifier => modifier.Text == "partial"));

    private ParameterModel KernelParameter(FunctionContext function, IMethodSymbol kernel, IParameterSymbol parameter)
    {
        Location at = parameter.Locations[0];
        if (parameter.RefKind == RefKind.None && TypeNames.ViewElement(parameter.Type) is { } element)
        {
            function.SetSpace(parameter, AddressSpace.Global);
            ElementName(element, at);
            return new ParameterModel(parameter.Name, ParameterKind.View, "View", "");
        }
        if (TypeNames.SpecializedType(parameter.Type) is { } constant)
        {
            if (constant.SpecialType != SpecialType.System_Int32)
                Refuse(Diagnostics.Specialization, at, parameter.Name);
            string macro = $"{kernel.Name}_{parameter.Name}";
            function.SetMacro(parameter, macro);
            return new ParameterModel(parameter.Name, ParameterKind.Constant, "int", macro);
        }
        ParameterKind? kind = parameter.Type.SpecialType switch
        {
            _ when parameter.RefKind != RefKind.None => null,
            SpecialType.System_Int32 or SpecialType.System_UInt32 => ParameterKind.Int32,
            SpecialType.System_Int64 or SpecialType.System_UInt64 => ParameterKind.Int64,
            SpecialType.System_Single => ParameterKind.Single,
            _ => null,
        };
        if (kind is null)
            Refuse(Diagnostics.ParameterType, at, parameter.Name, parameter.Type.ToDisplayString());
        return new ParameterModel(parameter.Name, kind ?? ParameterKind.Int32, parameter.Type.ToDisplayString(), "");
    }

    private string KernelText(FunctionContext function, IMethodSymbol kernel, int groupSize, IOperation body)
    {
        var arguments = new List<string>();
        var views = new StringBuilder();
        foreach (IParameterSymbol parameter in kernel.Parameters)
        {
            string name = function.Name(parameter);
            if (TypeNames.ViewElement(parameter.Type) is { } element)
            {
                string type = TypeNames.Element(element)!;
                arguments.Add($"GLOBAL float *{name}_memory");
                arguments.Add($"int64 {name}_offset");
                string first = $"{name}_memory + {name}_offset";
                views.Append($"    GLOBAL {type} *{name} = {(type == "float" ? first : $"(GLOBAL {type} *)({first})")};\n");
            }
            else if (TypeNames.SpecializedType(parameter.Type) is null)
            {
                arguments.Add($"{TypeNames.Value(parameter.Type)} {name}");
            }
        }
        string head = $"KERNEL({groupSize}) {Names.Global(kernel.Name)}(";
        string list = string.Join(", ", arguments);
        if (head.Length + list.Length > 148)
            list = "\n    " + string.Join(",\n    ", arguments);
        return $"{head}{list})\n{new StatementWriter(function).Body(body, views.ToString())}";
    }
}
