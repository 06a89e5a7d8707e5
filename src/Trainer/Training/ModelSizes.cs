using P6bNative.Model;

namespace P6bNative.Trainer.Training;

/// <summary>Architecture and sizes among the settings: what is not given is as the original has it, what an architecture lacks is an error.</summary>
internal static class ModelSizes
{
    /// <summary>The model that settings describe.</summary>
    /// <param name="settings">Validated.</param>
    /// <param name="dimension">Components of a vector.</param>
    public static VectorPredictorConfig Config(TrainingSettings settings, int dimension)
    {
        VectorPredictorConfig original = Original(settings, dimension);
        VectorPredictorConfig config = original with
        {
            ModelDimension = settings.DModel ?? original.ModelDimension,
            Layers = settings.Layers ?? original.Layers,
            Heads = settings.Heads ?? original.Heads,
            FeedForward = settings.Ff ?? original.FeedForward,
            SlotSkips = settings.SlotSkips,
        };
        return config with { Dropout = settings.Dropout is { } dropout ? (float)dropout : config.HasDropout ? original.Dropout : 0 };
    }

    /// <summary>The settings with every size that the architecture has, and null for those that it lacks.</summary>
    public static TrainingSettings Complete(TrainingSettings settings)
    {
        VectorPredictorConfig config = Config(settings, dimension: 1);
        return settings with
        {
            DModel = config.ModelDimension,
            Layers = NullFor0(config.Layers),
            Heads = NullFor0(config.Heads),
            Ff = NullFor0(config.FeedForward),
            Dropout = config.HasDropout ? settings.Dropout ?? Math.Round(config.Dropout, 6) : null,
        };
    }

    /// <summary>Checks every range, and that the architecture uses what is given.</summary>
    /// <exception cref="InputException">Names the flag.</exception>
    public static void Validate(TrainingSettings settings)
    {
        if (ModelTypes.Find(settings.ModelType) is not { } type)
            throw new InputException($"--model-type {settings.ModelType}: must be one of {string.Join(", ", ModelTypes.Names)}.");
        VectorPredictorConfig original = VectorPredictorConfig.Original(type, 1), config = Config(settings, 1);
        RequireUsed("--layers", settings.Layers, original.Layers > 0, type, "number of layers");
        RequireUsed("--heads", settings.Heads, original.Heads > 0, type, "attention heads");
        RequireUsed("--ff", settings.Ff, original.FeedForward > 0, type, "feed-forward part");
        RequireUsed("--dropout", settings.Dropout, type != ModelType.Amn, type, "dropout");
        Require(settings.DModel is null or (>= 1 and <= 65536), "--d-model", settings.DModel, "1 .. 65536");
        Require(settings.Layers is null or (>= 1 and <= 1000), "--layers", settings.Layers, "1 .. 1000");
        Require(settings.Ff is null or (>= 1 and <= 1 << 20), "--ff", settings.Ff, "1 .. 1048576");
        Require(settings.Dropout is null or (>= 0 and < 1), "--dropout", settings.Dropout, "in [0, 1)");
        RequireUsed("--dropout", settings.Dropout, config.HasDropout, type, "dropout with --layers 1");
        if (type == ModelType.Transformer)
        {
            Require(config.ModelDimension % 2 == 0, "--d-model", config.ModelDimension, "an even number of at least 2");
            Require(config.Heads >= 1 && config.ModelDimension % config.Heads == 0, "--heads", config.Heads, $"a divisor of --d-model {config.ModelDimension}");
        }

        if (type == ModelType.Amn) Require(config.FeedForward % 2 == 0, "--ff", config.FeedForward, "even: amn's second layer is half as wide");
    }

    /// <summary>The sizes in words.</summary>
    public static string Describe(VectorPredictorConfig config) => string.Join(
        ", ",
        ((string?[])[
            $"{config.Type.Name()}, d {config.ModelDimension}",
            config.Layers > 0 ? $"{config.Layers} layers" : null,
            config.Heads > 0 ? $"{config.Heads} heads" : null,
            config.FeedForward > 0 ? $"ff {config.FeedForward}" : null,
            config.HasDropout ? $"dropout {config.Dropout}" : "no dropout",
        ]).OfType<string>());

    private static VectorPredictorConfig Original(TrainingSettings settings, int dimension) =>
        VectorPredictorConfig.Original(ModelTypes.Find(settings.ModelType)!.Value, dimension);

    private static int? NullFor0(int size) => size == 0 ? null : size;

    private static void RequireUsed(string flag, object? value, bool isUsed, ModelType type, string what)
    {
        if (value is not null && !isUsed) throw new InputException($"{flag} {value}: {type.Name()} has no {what}; leave the flag out.");
    }

    private static void Require(bool holds, string flag, object? value, string right)
    {
        if (!holds) throw new InputException($"{flag} {value}: must be {right}.");
    }
}
