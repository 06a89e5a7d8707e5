using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>Sizes of a <see cref="TransformerVectorPredictor"/>; the defaults are the original's.</summary>
public sealed record VectorPredictorConfig
{
    /// <summary>Components D of a vector, of the input and of the output.</summary>
    public required int InputDimension { get; init; }

    /// <summary>Width d_model of the layers; even.</summary>
    public int ModelDimension { get; init; } = 512;

    /// <summary>Number of decoder layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Attention heads, dividing <see cref="ModelDimension"/>.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of the feed-forward part.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>Dropout probability in training, in [0, 1).</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>Context vectors per sample, 1 .. <see cref="Positions.TableLength"/>.</summary>
    public int ContextLength { get; init; } = 5;

    /// <summary>Whether <see cref="Model.SlotSkips"/> are added to the raw output.</summary>
    public bool SlotSkips { get; init; }

    /// <summary>Number of trained numbers.</summary>
    public long ParameterCount => PredictorLayout.Create(this).ParameterCount;

    /// <summary>Checks that the sizes make a model.</summary>
    /// <exception cref="ModelException">One does not; the message names it.</exception>
    public void Validate()
    {
        RequireAtLeastOne(InputDimension, "input dimension");
        RequireAtLeastOne(ModelDimension, "d_model");
        RequireAtLeastOne(Layers, "number of layers");
        RequireAtLeastOne(Heads, "number of heads");
        RequireAtLeastOne(FeedForward, "feed-forward width");
        RequireAtLeastOne(ContextLength, "context length");
        if (ModelDimension % 2 != 0)
            throw new ModelException($"d_model is {ModelDimension}: it must be even, for sine and cosine positions.");
        if (ModelDimension % Heads != 0)
            throw new ModelException($"d_model is {ModelDimension} and heads {Heads}: heads must divide d_model.");
        if (ContextLength > Positions.TableLength)
            throw new ModelException($"context length is {ContextLength}: at most {Positions.TableLength} positions exist.");
        if (!(Dropout is >= 0 and < 1))
            throw new ModelException($"dropout is {Dropout}: it must lie in [0, 1).");
    }

    /// <summary>The sizes as metadata of a weights file, under the names of the original's model_config.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata() => VectorPredictorMetadata.Write(this);

    /// <summary>
    /// The sizes of the model in a weights file. Widths and layers come from the shapes; heads, dropout and context length from the metadata,
    /// or the defaults.
    /// </summary>
    /// <exception cref="SafetensorsException">The file does not hold such a model.</exception>
    public static VectorPredictorConfig FromSafetensors(SafetensorsFile file) => VectorPredictorMetadata.Read(file);

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

    private static void RequireAtLeastOne(int size, string name)
    {
        if (size < 1)
            throw new ModelException($"{name} is {size}: it must be at least 1.");
    }
}
