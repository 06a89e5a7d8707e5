using System.Text.Json;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>Puts the flags of <c>train</c> over a config file or over the settings of a run to resume.</summary>
internal static class TrainingFlags
{
    /// <summary>Settings of a new run: flags win over <paramref name="config"/>, the bundled sample and a timed folder fill what is missing.</summary>
    /// <exception cref="InputException">A flag belongs to another mode.</exception>
    public static TrainingSettings Merge(IRunFlags flags, TrainingSettings config)
    {
        TrainingSettings merged = Apply(flags, config);
        if (string.IsNullOrEmpty(merged.Data)) merged = merged with { Data = flags.Data is null && config.Data is "" ? BundledSample.Path : "" };
        if (string.IsNullOrEmpty(merged.OutputDir) && (flags as TrainOptions)?.OutputDir is null)
            merged = merged with { OutputDir = Path.Combine("runs", $"{merged.Mode}_{DateTime.Now:yyyyMMdd_HHmmss}") };
        merged.Validate();
        if (merged.Mode != config.Mode) merged = merged with { ModeConstants = WithoutTableOf(config, merged.Mode, flags.Config) };
        LossMode mode = merged.EffectiveMode(flags.Config ?? "config.json");
        RequireDirectional(mode, "--negative", merged.Negative);
        if (mode.InArticle is not null && merged.Negative is not null)
            throw new InputException($"--negative {merged.Negative}: the negatives of mode {mode.Name} are chunks of the target's article, not a context slot; leave the flag out.");
        RequireDirectional(mode, "--gradient-cap", merged.GradientCap);
        RequireDual(mode, "--margin", merged.Margin);
        RequireDual(mode, "--s-max", merged.SMax);
        return ModelSizes.Complete(merged) with
        {
            Negative = mode.PushesFromSlot ? merged.Negative ?? $"ctx{mode.DefaultNegativeSlot}" : null,
            Data = Path.GetFullPath(merged.Data),
            Val = merged.Val is null ? null : Path.GetFullPath(merged.Val),
            Init = FullInit(merged.Init),
            OutputDir = Path.GetFullPath(merged.OutputDir),
            ModeConstants = Loss.ModeConstants.Of(mode),
        };
    }

    /// <summary>Settings of a resumed run: those of its folder, but for a later step limit or none.</summary>
    /// <exception cref="InputException">A flag contradicts the run.</exception>
    public static TrainingSettings MergeIntoResumed(TrainOptions flags, TrainingSettings saved)
    {
        if (flags.Config is not null) throw new InputException("--config: a resumed run takes its settings from its own config.json; leave the flag out.");

        // Before anything else: sizes are judged by the architecture.
        if (flags.ModelType is not null && flags.ModelType != saved.ModelType) throw Contradiction("--model-type", flags.ModelType, saved.ModelType);
        TrainingSettings wanted = Apply(flags, saved);
        wanted.Validate();
        wanted = wanted with
        {
            Data = Path.GetFullPath(wanted.Data),
            Val = wanted.Val is null ? null : Path.GetFullPath(wanted.Val),
            Init = FullInit(wanted.Init),
            OutputDir = Path.GetFullPath(wanted.OutputDir),
        };
        Dictionary<string, JsonElement> before = Keys(saved with { MaxSteps = null });
        foreach ((string key, JsonElement value) in Keys(wanted with { MaxSteps = null }))
        {
            if (JsonElement.DeepEquals(before[key], value)) continue;
            throw Contradiction("--" + key.Replace('_', '-'), value, before[key]);
        }

        return saved with { MaxSteps = flags.MaxSteps };
    }

    private static InputException Contradiction(string flag, object wanted, object saved) =>
        new($"{flag} {wanted}: contradicts the run to resume, which has {saved}; leave the flag out or start a new run.");

    /// <summary>A run's config.json holds the constants of its mode; under another --mode they mean nothing, unless somebody changed them.</summary>
    private static JsonElement? WithoutTableOf(TrainingSettings config, string wanted, string? file)
    {
        LossMode table = LossModes.Find(config.Mode);
        LossMode given = Loss.ModeConstants.Apply(table, config.ModeConstants, file ?? "config.json");
        // What the file says as a setting of its own is no change of the table: it stays, and is checked against the wanted mode.
        if (config.GradientCap is not null) given = given with { GradientCap = table.GradientCap };
        if (given.Dual is { } dual && table.Dual is { } usual)
        {
            given = given with
            {
                Dual = dual with
                {
                    Margin = config.Margin is null ? dual.Margin : usual.Margin,
                    MaxPressure = config.SMax is null ? dual.MaxPressure : usual.MaxPressure,
                },
            };
        }

        return !Loss.ModeConstants.Differences(given).Any() ? null : throw new InputException(
            $"--mode {wanted}: {file} changes constants of {config.Mode} (mode_constants); remove them, or train that mode.");
    }

    private static string? FullInit(string? init) => init is null or TrainingSettings.PrincipalComponentsInit ? init : Path.GetFullPath(init);

    private static void RequireDirectional(LossMode mode, string flag, object? value)
    {
        if (!mode.HasDirectionalTerm && value is not null)
            throw new InputException($"{flag} {value}: mode {mode.Name} has no directional loss; leave the flag out or choose another --mode.");
    }

    private static void RequireDual(LossMode mode, string flag, double? value)
    {
        if (mode.Dual is null && value is not null)
            throw new InputException($"{flag} {value}: mode {mode.Name} has no dual pressure; leave the flag out or choose p6b-v3.");
    }

    private static Dictionary<string, JsonElement> Keys(TrainingSettings settings)
    {
        using JsonDocument document = JsonDocument.Parse(settings.ToJson());
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone());
    }

    private static TrainingSettings Apply(IRunFlags flags, TrainingSettings config)
    {
        TrainingSettings settings = config with
        {
            Data = flags.Data ?? config.Data,
            Val = flags.Val ?? config.Val,
            TargetOffset = flags.TargetOffset ?? config.TargetOffset,
            Mode = flags.Mode ?? config.Mode,
            Negative = flags.Negative ?? config.Negative,
            GradientCap = flags.GradientCap ?? config.GradientCap,
            Margin = flags.Margin ?? config.Margin,
            SMax = flags.SMax ?? config.SMax,
        };
        return flags is TrainOptions train ? ApplyTraining(train, settings) : settings;
    }

    private static TrainingSettings ApplyTraining(TrainOptions flags, TrainingSettings config) => config with
    {
        Epochs = flags.Epochs ?? config.Epochs,
        BatchSize = flags.BatchSize ?? config.BatchSize,
        Lr = flags.Lr ?? config.Lr,
        WeightDecay = flags.WeightDecay ?? config.WeightDecay,
        Clip = flags.Clip ?? config.Clip,
        Dropout = flags.Dropout ?? config.Dropout,
        LastSlotNoise = flags.LastSlotNoise ?? config.LastSlotNoise,
        ModelType = flags.ModelType ?? config.ModelType,
        DModel = flags.DModel ?? config.DModel,
        Layers = flags.Layers ?? config.Layers,
        Heads = flags.Heads ?? config.Heads,
        Ff = flags.Ff ?? config.Ff,
        SlotSkips = flags.SlotSkips || config.SlotSkips,
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
