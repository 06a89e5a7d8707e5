using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler;

/// <summary>Translates structs of fields: a C struct, and a function that makes one from its fields.</summary>
internal sealed class StructWriter
{
    private readonly List<StructText> _texts = [];

    /// <summary>Inner structs first.</summary>
    public IReadOnlyList<StructText> Texts => _texts;

    /// <summary>C name of a struct; null where it is not in the language.</summary>
    public string? Name(INamedTypeSymbol type)
    {
        bool isPlain = type.TypeKind == TypeKind.Struct && !type.IsGenericType && !type.IsRefLikeType && type.GetAttributes().IsEmpty;
        if (!isPlain || type.DeclaringSyntaxReferences.IsEmpty)
            return null;
        string name = Names.Global(type.ContainingType is { } outer ? $"{outer.Name}_{type.Name}" : type.Name);
        if (_texts.Exists(text => text.Name == name))
            return name;
        IFieldSymbol[] fields = [.. Fields(type)];
        string?[] types = [.. fields.Select(FieldType)];
        if (fields.Length == 0 || types.Contains(null))
            return null;
        string[] declarations = [.. fields.Select((field, i) => $"{types[i]} {Names.Field(field)}")];
        _texts.Add(new StructText(name,
            $"typedef struct\n{{\n{string.Concat(declarations.Select(field => $"    {field};\n"))}}} {name};\n\n"
            + $"FUNCTION {name} {name}_of({string.Join(", ", declarations)})\n{{\n    {name} {name}_value;\n"
            + string.Concat(fields.Select(field => $"    {name}_value.{Names.Field(field)} = {Names.Field(field)};\n"))
            + $"    return {name}_value;\n}}\n"));
        return name;
    }

    // The fields behind properties have no name that C could have.
    private string? FieldType(IFieldSymbol field) =>
        field.IsImplicitlyDeclared ? null : TypeNames.Value(field.Type) ?? (field.Type is INamedTypeSymbol inner ? Name(inner) : null);

    /// <summary>The fields that make up a value, in order.</summary>
    public static IEnumerable<IFieldSymbol> Fields(INamedTypeSymbol type) => type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic);
}
