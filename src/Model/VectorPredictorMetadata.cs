using System.Globalization;

namespace P6bNative.Model;

/// <summary>The sizes of a model in a weights file: from the shapes, and what shapes do not tell from the metadata.</summary>
internal static class VectorPredictorMetadata
{
    private const string Heads = "nhead";
    private const string Dropout = "dropout";
    private const string ContextLength = "context_length";

    public static Dictionary<string, string> Write(VectorPredictorConfig config) => new()
    {
        ["format"] = "pt",
        ["model_type"] = "transformer",
        ["input_dim"] = Text(config.InputDimension),
        ["output_dim"] = Text(config.InputDimension),
        ["d_model"] = Text(config.ModelDimension),
        ["num_layers"] = Text(config.Layers),
        ["dim_feedforward"] = Text(config.FeedForward),
        [Heads] = Text(config.Heads),
        [Dropout] = config.Dropout.ToString(CultureInfo.InvariantCulture),
        [ContextLength] = Text(config.ContextLength),
    };

    public static VectorPredictorConfig Read(SafetensorsFile file)
    {
        (int modelDimension, int inputDimension) = Matrix(file, $"{PredictorLayout.InputProjection}.weight");
        (int feedForward, _) = Matrix(file, $"{PredictorLayout.Layer(0)}.linear1.weight");
        var config = new VectorPredictorConfig
        {
            InputDimension = inputDimension,
            ModelDimension = modelDimension,
            Layers = CountLayers(file, PredictorLayout.LayersPrefix),
            FeedForward = feedForward,
            SlotSkips = file.Contains(SlotSkips.ParameterName),
        };
        config = config with
        {
            Heads = Number(file, Heads, config.Heads),
            Dropout = Number(file, Dropout, config.Dropout),
            ContextLength = Number(file, ContextLength, config.ContextLength),
        };
        try
        {
            config.Validate();
        }
        catch (ModelException exception)
        {
            throw new SafetensorsException($"{file.Path}: {exception.Message}", exception);
        }

        WeightsFile.Check(file, PredictorLayout.Create(config));
        return config;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static (int Rows, int Columns) Matrix(SafetensorsFile file, string name) =>
        file[name].Shape is [<= int.MaxValue and long rows, <= int.MaxValue and long columns]
            ? ((int)rows, (int)columns)
            : throw new SafetensorsException($"{file.Path}: tensor '{name}' has shape {file[name].ShapeText}; a matrix is needed.");

    /// <summary>How many different numbers follow a prefix in the names of the tensors.</summary>
    private static int CountLayers(SafetensorsFile file, string prefix) => file.Entries
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
