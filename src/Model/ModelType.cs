namespace P6bNative.Model;

/// <summary>An architecture of the original's collection.</summary>
public enum ModelType
{
    /// <summary><see cref="TransformerVectorPredictor"/></summary>
    Transformer,

    /// <summary><see cref="LstmVectorPredictor"/></summary>
    Lstm,

    /// <summary><see cref="GruVectorPredictor"/></summary>
    Gru,

    /// <summary><see cref="AmnVectorPredictor"/></summary>
    Amn,
}

/// <summary>The names of the architectures, as the original and the metadata of weights files spell them.</summary>
public static class ModelTypes
{
    /// <summary>All names, in the order of <see cref="ModelType"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<ModelType>().Select(Name)];

    /// <summary>The name of an architecture.</summary>
    public static string Name(this ModelType type) => type.ToString().ToLowerInvariant();

    /// <summary>The architecture of a name; null where there is none.</summary>
    public static ModelType? Find(string name)
    {
        int index = Names.ToList().IndexOf(name);
        return index < 0 ? null : (ModelType)index;
    }

    /// <summary>The architecture of a weights file: what its metadata say, or else what the names of its tensors show; null for another.</summary>
    /// <exception cref="SafetensorsException">The metadata name an architecture that this program lacks.</exception>
    public static ModelType? FindIn(SafetensorsFile file) => VectorPredictorMetadata.FindType(file);
}
