using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>Architecture and sizes of an <see cref="IVectorPredictor"/>; the defaults are those of the original's transformer.</summary>
public sealed record VectorPredictorConfig
{
    /// <summary>The architecture.</summary>
    public ModelType Type { get; init; }

    /// <summary>Components D of a vector, of the input and of the output.</summary>
    public required int InputDimension { get; init; }

    /// <summary>Width of the layers: d_model (transformer, even; gru), the hidden state (lstm), keys and queries (amn).</summary>
    public int ModelDimension { get; init; } = 512;

    /// <summary>Number of decoder layers, LSTM layers or GRU blocks; 0 for amn, which has none to count.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Attention heads of a transformer, dividing <see cref="ModelDimension"/>; 0 for the others.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of the feed-forward part: of a transformer; of amn, even (its second layer is half as wide); 0 for the others.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>Dropout probability in training, in [0, 1); 0 for amn and for an lstm of one layer, which have no place for it.</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>Context vectors per sample, at least 1; at most <see cref="Positions.TableLength"/> for a transformer.</summary>
    public int ContextLength { get; init; } = 5;

    /// <summary>Whether <see cref="Model.SlotSkips"/> are added to the raw output.</summary>
    public bool SlotSkips { get; init; }

    /// <summary>Number of trained numbers.</summary>
    public long ParameterCount => VectorPredictors.Create(this).Layout.ParameterCount;

    /// <summary>Whether the architecture has dropout.</summary>
    public bool HasDropout => Type != ModelType.Amn && (Type != ModelType.Lstm || Layers > 1);

    /// <summary>The sizes that the original gives an architecture.</summary>
    /// <param name="type">The architecture.</param>
    /// <param name="inputDimension">Components D of a vector.</param>
    public static VectorPredictorConfig Original(ModelType type, int inputDimension)
    {
        var transformer = new VectorPredictorConfig { InputDimension = inputDimension };
        return type switch
        {
            ModelType.Lstm => transformer with { Type = type, Layers = 2, Heads = 0, FeedForward = 0, Dropout = 0.2f },
            ModelType.Gru => transformer with { Type = type, Heads = 0, FeedForward = 0, Dropout = 0 },
            ModelType.Amn => transformer with { Type = type, ModelDimension = 256, Layers = 0, Heads = 0, FeedForward = 512, Dropout = 0 },
            _ => transformer,
        };
    }

    /// <summary>Checks that the sizes make a model.</summary>
    /// <exception cref="ModelException">One does not; the message names it.</exception>
    public void Validate()
    {
        VectorPredictorConfig original = Original(Type, InputDimension);
        RequireAtLeastOne(InputDimension, "input dimension");
        RequireAtLeastOne(ModelDimension, "d_model");
        RequireSize(Layers, original.Layers, "number of layers");
        RequireSize(Heads, original.Heads, "number of heads");
        RequireSize(FeedForward, original.FeedForward, "feed-forward width");
        RequireAtLeastOne(ContextLength, "context length");
        if (Type == ModelType.Transformer)
            ValidateTransformer();
        if (Type == ModelType.Amn && FeedForward % 2 != 0)
            throw new ModelException($"feed-forward width is {FeedForward}: it must be even, since amn's second layer is half as wide.");
        if (!(Dropout is >= 0 and < 1))
            throw new ModelException($"dropout is {Dropout}: it must lie in [0, 1).");
        if (Dropout > 0 && !HasDropout)
            throw new ModelException($"dropout is {Dropout}: {(Type == ModelType.Lstm ? "an lstm of one layer" : Type.Name())} has no place for it; it must be 0.");
    }

    /// <summary>The sizes as metadata of a weights file, under the names of the original's model_config.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata() => VectorPredictorMetadata.Write(this);

    /// <summary>
    /// Architecture and sizes of the model in a weights file. The architecture comes from the metadata, or else from the names of the tensors;
    /// widths and layers from the shapes; heads, dropout and context length from the metadata, or the defaults.
    /// </summary>
    /// <exception cref="SafetensorsException">The file does not hold such a model.</exception>
    public static VectorPredictorConfig FromSafetensors(SafetensorsFile file) => VectorPredictorMetadata.Read(file);

    /// <summary>Checks that the sizes make a model of one architecture.</summary>
    /// <exception cref="ModelException">They do not.</exception>
    internal void Validate(ModelType type)
    {
        if (Type != type)
            throw new ModelException($"the sizes are those of {Type.Name()}; {type.Name()} is needed.");
        Validate();
    }

    /// <summary>Checks that a tensor is a batch of contexts.</summary>
    /// <exception cref="ShapeException">It is not.</exception>
    internal void RequireContext(Tensor context)
    {
        if (context.Columns != InputDimension || context.Rows % ContextLength != 0)
        {
            throw new ShapeException(
                $"context '{context.Name}' {context.Rows}x{context.Columns} must have {InputDimension} columns "
                + $"and a multiple of {ContextLength} rows.");
        }
    }

    private void ValidateTransformer()
    {
        if (ModelDimension % 2 != 0)
            throw new ModelException($"d_model is {ModelDimension}: it must be even, for sine and cosine positions.");
        if (ModelDimension % Heads != 0)
            throw new ModelException($"d_model is {ModelDimension} and heads {Heads}: heads must divide d_model.");
        if (ContextLength > Positions.TableLength)
            throw new ModelException($"context length is {ContextLength}: at most {Positions.TableLength} positions exist.");
    }

    /// <summary>A size that an architecture lacks is 0 in the original's sizes.</summary>
    private void RequireSize(int size, int original, string name)
    {
        if (original > 0)
            RequireAtLeastOne(size, name);
        else if (size != 0)
            throw new ModelException($"{name} is {size}: {Type.Name()} has no such size; it must be 0.");
    }

    private static void RequireAtLeastOne(int size, string name)
    {
        if (size < 1)
            throw new ModelException($"{name} is {size}: it must be at least 1.");
    }
}
