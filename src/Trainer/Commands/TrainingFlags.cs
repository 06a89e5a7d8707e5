using System.Text.Json;
using System.Text.Json.Serialization;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>Puts the flags of <c>train</c> over a config file or over the settings of a run to resume.</summary>
internal static class TrainingFlags
{
    private static readonly JsonSerializerOptions ModeJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Settings of a new run: flags win over <paramref name="config"/>, the bundled sample and a timed folder fill what is missing.</summary>
    /// <exception cref="InputException">A flag belongs to another mode.</exception>
    public static TrainingSettings Merge(TrainOptions flags, TrainingSettings config)
    {
        TrainingSettings merged = Apply(flags, config) with { ModeConstants = null };
        if (string.IsNullOrEmpty(merged.Data)) merged = merged with { Data = flags.Data is null && config.Data is "" ? BundledSample.Path : "" };
        if (string.IsNullOrEmpty(merged.OutputDir) && flags.OutputDir is null)
            merged = merged with { OutputDir = Path.Combine("runs", $"{merged.Mode}_{DateTime.Now:yyyyMMdd_HHmmss}") };
        merged.Validate();
        LossMode mode = LossModes.Find(merged.Mode);
        if (!mode.HasDirectionalTerm && merged.Negative is not null)
            throw new InputException($"--negative {merged.Negative}: mode {mode.Name} has no directional loss; leave the flag out or choose another --mode.");
        JsonElement constants = JsonSerializer.SerializeToElement(mode, ModeJson);
        if (config.ModeConstants is { } given && config.Mode == merged.Mode && !JsonElement.DeepEquals(given, constants))
            throw new InputException($"{flags.Config}: mode_constants differ from those of {mode.Name}; leave the key out: they are fixed by the mode.");
        return merged with
        {
            Negative = mode.HasDirectionalTerm ? merged.Negative ?? $"ctx{mode.DefaultNegativeSlot}" : null,
            Data = Path.GetFullPath(merged.Data),
            Val = merged.Val is null ? null : Path.GetFullPath(merged.Val),
            Init = merged.Init is null ? null : Path.GetFullPath(merged.Init),
            OutputDir = Path.GetFullPath(merged.OutputDir),
            ModeConstants = constants,
        };
    }

    /// <summary>Settings of a resumed run: those of its folder, but for a later step limit or none.</summary>
    /// <exception cref="InputException">A flag contradicts the run.</exception>
    public static TrainingSettings MergeIntoResumed(TrainOptions flags, TrainingSettings saved)
    {
        if (flags.Config is not null) throw new InputException("--config: a resumed run takes its settings from its own config.json; leave the flag out.");
        TrainingSettings wanted = Apply(flags, saved);
        wanted.Validate();
        wanted = wanted with
        {
            Data = Path.GetFullPath(wanted.Data),
            Val = wanted.Val is null ? null : Path.GetFullPath(wanted.Val),
            Init = wanted.Init is null ? null : Path.GetFullPath(wanted.Init),
            OutputDir = Path.GetFullPath(wanted.OutputDir),
        };
        Dictionary<string, JsonElement> before = Keys(saved with { MaxSteps = null });
        foreach ((string key, JsonElement value) in Keys(wanted with { MaxSteps = null }))
        {
            if (JsonElement.DeepEquals(before[key], value)) continue;
            string flag = "--" + key.Replace('_', '-');
            throw new InputException($"{flag} {value}: contradicts the run to resume, which has {before[key]}; leave the flag out or start a new run.");
        }

        return saved with { MaxSteps = flags.MaxSteps };
    }

    private static Dictionary<string, JsonElement> Keys(TrainingSettings settings)
    {
        using JsonDocument document = JsonDocument.Parse(settings.ToJson());
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone());
    }

    private static TrainingSettings Apply(TrainOptions flags, TrainingSettings config) => config with
    {
        Data = flags.Data ?? config.Data,
        Val = flags.Val ?? config.Val,
        TargetOffset = flags.TargetOffset ?? config.TargetOffset,
        Mode = flags.Mode ?? config.Mode,
        Negative = flags.Negative ?? config.Negative,
        Epochs = flags.Epochs ?? config.Epochs,
        BatchSize = flags.BatchSize ?? config.BatchSize,
        Lr = flags.Lr ?? config.Lr,
        WeightDecay = flags.WeightDecay ?? config.WeightDecay,
        Clip = flags.Clip ?? config.Clip,
        Dropout = flags.Dropout ?? config.Dropout,
        LastSlotNoise = flags.LastSlotNoise ?? config.LastSlotNoise,
        DModel = flags.DModel ?? config.DModel,
        Layers = flags.Layers ?? config.Layers,
        Heads = flags.Heads ?? config.Heads,
        Ff = flags.Ff ?? config.Ff,
        Device = flags.Device ?? config.Device,
        Threads = flags.Threads ?? config.Threads,
        Seed = flags.Seed ?? config.Seed,
        NoShuffle = flags.NoShuffle || config.NoShuffle,
        Init = flags.Init ?? config.Init,
        MaxSteps = flags.MaxSteps ?? config.MaxSteps,
        LogEvery = flags.LogEvery ?? config.LogEvery,
        OutputDir = flags.OutputDir ?? config.OutputDir,
    };
}
