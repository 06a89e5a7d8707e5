using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler;

/// <summary>Where the memory behind a view lies.</summary>
internal enum AddressSpace
{
    Global,
    Shared,
    Private,
}

/// <summary>The types of the language and their names in the text.</summary>
internal static class TypeNames
{
    public const string LanguageNamespace = "P6bNative.Kernels.Language";

    /// <summary>C name of a value type; null where it is not in the language.</summary>
    public static string? Value(ITypeSymbol? type) => type switch
    {
        null => null,
        { SpecialType: SpecialType.System_Int32 } => "int",
        { SpecialType: SpecialType.System_UInt32 } => "uint",
        { SpecialType: SpecialType.System_Int64 } => "int64",
        { SpecialType: SpecialType.System_UInt64 } => "uint64",
        { SpecialType: SpecialType.System_Single } => "float",
        { SpecialType: SpecialType.System_Boolean } => "bool",
        { SpecialType: SpecialType.System_Void } => "void",
        _ when IsLanguageType(type, "Float4") => "float4",
        _ when IsLanguageType(type, "Float16") => "float16",
        _ => null,
    };

    /// <summary>C name of a view's element as it lies in memory; null where views cannot hold it.</summary>
    public static string? Element(ITypeSymbol type) => Value(type) switch
    {
        // Words may be read as floats and the other way round: these two names are typedefs that may alias.
        "int" => "int_element",
        "uint" => "uint_element",
        "float" => "float",
        "float4" => "float4",
        "float16" => "float16",
        _ => null,
    };

    public static bool IsFloat16(ITypeSymbol? type) => type is not null && IsLanguageType(type, "Float16");

    /// <summary>The element type where <paramref name="type"/> is ArrayView&lt;T&gt;, else null.</summary>
    public static ITypeSymbol? ViewElement(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Arity: 1 } named && IsLanguageType(named, "ArrayView") ? named.TypeArguments[0] : null;

    /// <summary>The type of the value where <paramref name="type"/> is SpecializedValue&lt;T&gt;, else null.</summary>
    public static ITypeSymbol? SpecializedType(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Arity: 1 } named && IsLanguageType(named, "SpecializedValue") ? named.TypeArguments[0] : null;

    public static bool IsLanguageType(ITypeSymbol type, string name) =>
        type.Name == name && type.ContainingNamespace?.ToDisplayString() == LanguageNamespace;

    /// <summary>The address space's word before a pointer's type.</summary>
    public static string Word(AddressSpace space) => space switch
    {
        AddressSpace.Global => "GLOBAL ",
        AddressSpace.Shared => "LOCAL ",
        _ => "",
    };
}
