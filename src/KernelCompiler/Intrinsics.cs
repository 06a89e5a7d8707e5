using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler;

/// <summary>The functions and properties of the language and their names in the text; both preludes define every name.</summary>
internal static class Intrinsics
{
    /// <summary>The barrier of a group.</summary>
    public const string Barrier = "BARRIER";

    /// <summary>What differs between the work items of a group.</summary>
    public const string ItemIndex = "Group_IdxX";

    private static readonly Dictionary<string, string> _functions = new(StringComparer.Ordinal)
    {
        ["Group.Barrier()"] = Barrier,
        ["XMath.Fma(float,float,float)"] = "XMath_Fma",
        ["XMath.Exp(float)"] = "XMath_Exp",
        ["XMath.Log(float)"] = "XMath_Log",
        ["XMath.Tanh(float)"] = "XMath_Tanh",
        ["XMath.Erf(float)"] = "XMath_Erf",
        ["XMath.Sqrt(float)"] = "XMath_Sqrt",
        ["XMath.Abs(float)"] = "XMath_Abs",
        ["XMath.Max(float,float)"] = "float_max",
        ["XMath.Min(float,float)"] = "float_min",
        ["XMath.Max(int,int)"] = "int_max",
        ["XMath.Min(int,int)"] = "int_min",
        ["Interop.FloatAsInt(float)"] = "FLOAT_AS_INT",
        ["Interop.IntAsFloat(uint)"] = "INT_AS_FLOAT",
        ["Float16.Splat(float)"] = "Float16_Splat",
        ["Float16.Fma(Float16,Float16,Float16)"] = "Float16_Fma",
        ["float.IsNaN(float)"] = "float_is_nan",
        ["float.IsFinite(float)"] = "float_is_finite",
    };

    private static readonly Dictionary<string, string> _properties = new(StringComparer.Ordinal)
    {
        ["Group.IdxX"] = ItemIndex,
        ["Group.DimX"] = "Group_DimX",
        ["Grid.IdxX"] = "Grid_IdxX",
        ["Grid.IdxY"] = "Grid_IdxY",
        ["Grid.IdxZ"] = "Grid_IdxZ",
        ["Grid.DimX"] = "Grid_DimX",
        ["Grid.DimY"] = "Grid_DimY",
        ["Grid.DimZ"] = "Grid_DimZ",
    };

    /// <summary>C name of a function of the language, else null.</summary>
    public static string? Function(IMethodSymbol method)
    {
        if (!IsLanguage(method.ContainingType))
            return null;
        string types = string.Join(",", method.Parameters.Select(parameter => TypeName(parameter.Type)));
        return _functions.TryGetValue($"{TypeName(method.ContainingType)}.{method.Name}({types})", out string? name) ? name : null;
    }

    /// <summary>C name of a property of the language, else null.</summary>
    public static string? Property(IPropertySymbol property) =>
        IsLanguage(property.ContainingType) && _properties.TryGetValue($"{property.ContainingType.Name}.{property.Name}", out string? name)
            ? name : null;

    /// <summary>What to write instead of a function of Math or MathF; null for other types.</summary>
    public static string? Instead(IMethodSymbol method)
    {
        if (method.ContainingType?.ToDisplayString() is not ("System.MathF" or "System.Math"))
            return null;
        string name = method.Name == "FusedMultiplyAdd" ? "Fma" : method.Name;
        return _functions.Keys.Any(key => key.StartsWith($"XMath.{name}(", StringComparison.Ordinal)) ? $"XMath.{name}" : "a function of XMath";
    }

    private static bool IsLanguage(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Single || type.ContainingNamespace?.ToDisplayString() == TypeNames.LanguageNamespace;

    private static string TypeName(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Single => "float",
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        _ => type.Name,
    };
}
