using System.Globalization;

namespace P6bNative.Model;

/// <summary>
/// Architecture and sizes of a model in a weights file: sizes from the shapes, what shapes do not tell from the metadata, whose keys are those
/// of the original's model_config.
/// </summary>
internal static class VectorPredictorMetadata
{
    private const string ModelTypeKey = "model_type";
    private const string Heads = "nhead";
    private const string Dropout = "dropout";
    private const string ContextLength = "context_length";

    public static Dictionary<string, string> Write(VectorPredictorConfig config)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt",
            [ModelTypeKey] = config.Type.Name(),
            ["input_dim"] = Text(config.InputDimension),
            ["output_dim"] = Text(config.InputDimension),
            [config.Type == ModelType.Lstm ? "hidden_dim" : "d_model"] = Text(config.ModelDimension),
            [ContextLength] = Text(config.ContextLength),
        };
        if (config.Layers > 0)
            metadata["num_layers"] = Text(config.Layers);
        if (config.FeedForward > 0)
            metadata[config.Type == ModelType.Amn ? "hidden_dim" : "dim_feedforward"] = Text(config.FeedForward);
        if (config.Heads > 0)
            metadata[Heads] = Text(config.Heads);
        if (config.Type != ModelType.Amn)
            metadata[Dropout] = config.Dropout.ToString(CultureInfo.InvariantCulture);
        return metadata;
    }

    public static VectorPredictorConfig Read(SafetensorsFile file)
    {
        VectorPredictorConfig config = FindType(file) switch
        {
            ModelType.Transformer => Transformer(file),
            ModelType.Lstm => Lstm(file),
            ModelType.Gru => Gru(file),
            ModelType.Amn => Amn(file),
            _ => throw new SafetensorsException(
                $"{file.Path}: its tensors are not those of an architecture that this program has ({string.Join(", ", ModelTypes.Names)})."),
        };
        config = config with
        {
            ContextLength = Number(file, ContextLength, config.ContextLength),
            SlotSkips = file.Contains(SlotSkips.ParameterName),
        };
        if (config.HasDropout)
            config = config with { Dropout = Number(file, Dropout, config.Dropout) };
        try
        {
            WeightsFile.Check(file, VectorPredictors.Create(config).Layout);
        }
        catch (ModelException exception) when (exception is not SafetensorsException)
        {
            throw new SafetensorsException($"{file.Path}: {exception.Message}", exception);
        }

        return config;
    }

    /// <summary>The architecture that the metadata name, or else the one whose tensors are there; null where there is none of these.</summary>
    /// <exception cref="SafetensorsException">The metadata name an architecture that this program lacks.</exception>
    public static ModelType? FindType(SafetensorsFile file)
    {
        if (file.Metadata.TryGetValue(ModelTypeKey, out string? name))
        {
            return ModelTypes.Find(name) ?? throw new SafetensorsException(
                $"{file.Path}: metadata '{ModelTypeKey}' is '{SafetensorsHeader.OneLine(name)}'; {string.Join(", ", ModelTypes.Names)} are what this program has.");
        }

        if (file.Entries.Any(entry => entry.Name.StartsWith(PredictorLayout.LayersPrefix, StringComparison.Ordinal)))
            return ModelType.Transformer;
        if (file.Contains(ParameterLayout.RecurrentName(LstmVectorPredictor.Lstm, "weight_ih", 0)))
            return ModelType.Lstm;
        if (file.Contains(ParameterLayout.RecurrentName(GruVectorPredictor.Gru(0), "weight_ih", 0)))
            return ModelType.Gru;
        return file.Contains($"{AmnVectorPredictor.Keys}.weight") ? ModelType.Amn : null;
    }

    private static VectorPredictorConfig Transformer(SafetensorsFile file)
    {
        (int modelDimension, int inputDimension) = Matrix(file, $"{PredictorLayout.InputProjection}.weight");
        (int feedForward, _) = Matrix(file, $"{PredictorLayout.Layer(0)}.linear1.weight");
        VectorPredictorConfig config = VectorPredictorConfig.Original(ModelType.Transformer, inputDimension);
        return config with
        {
            ModelDimension = modelDimension,
            Layers = CountNumbers(file, PredictorLayout.LayersPrefix),
            FeedForward = feedForward,
            Heads = Number(file, Heads, config.Heads),
        };
    }

    private static VectorPredictorConfig Lstm(SafetensorsFile file)
    {
        (_, int inputDimension) = Matrix(file, ParameterLayout.RecurrentName(LstmVectorPredictor.Lstm, "weight_ih", 0));
        (_, int hidden) = Matrix(file, ParameterLayout.RecurrentName(LstmVectorPredictor.Lstm, "weight_hh", 0));
        int layers = CountNumbers(file, ParameterLayout.RecurrentPrefix(LstmVectorPredictor.Lstm, "weight_ih"));
        VectorPredictorConfig config = VectorPredictorConfig.Original(ModelType.Lstm, inputDimension) with { ModelDimension = hidden, Layers = layers };
        return config.HasDropout ? config : config with { Dropout = 0 };
    }

    private static VectorPredictorConfig Gru(SafetensorsFile file)
    {
        (int modelDimension, int inputDimension) = Matrix(file, $"{GruVectorPredictor.Input}.weight");
        int blocks = CountNumbers(file, GruVectorPredictor.Blocks);
        return VectorPredictorConfig.Original(ModelType.Gru, inputDimension) with { ModelDimension = modelDimension, Layers = blocks };
    }

    private static VectorPredictorConfig Amn(SafetensorsFile file)
    {
        (int width, int inputDimension) = Matrix(file, $"{AmnVectorPredictor.Keys}.weight");
        (int hidden, _) = Matrix(file, $"{AmnVectorPredictor.Hidden}.weight");
        return VectorPredictorConfig.Original(ModelType.Amn, inputDimension) with { ModelDimension = width, FeedForward = hidden };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static (int Rows, int Columns) Matrix(SafetensorsFile file, string name) =>
        file[name].Shape is [<= int.MaxValue and long rows, <= int.MaxValue and long columns]
            ? ((int)rows, (int)columns)
            : throw new SafetensorsException($"{file.Path}: tensor '{name}' has shape {file[name].ShapeText}; a matrix is needed.");

    /// <summary>How many different numbers follow a prefix in the names of the tensors.</summary>
    private static int CountNumbers(SafetensorsFile file, string prefix) => file.Entries
        .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(entry => entry.Name[prefix.Length..].Split('.')[0])
        .Where(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Distinct().Count();

    private static T Number<T>(SafetensorsFile file, string key, T absent)
        where T : IParsable<T>
    {
        if (!file.Metadata.TryGetValue(key, out string? text))
            return absent;
        return T.TryParse(text, CultureInfo.InvariantCulture, out T? number)
            ? number
            : throw new SafetensorsException($"{file.Path}: metadata '{key}' is '{SafetensorsHeader.OneLine(text)}'; a number is needed.");
    }
}
