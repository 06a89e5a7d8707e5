using System.Text.Json;
using System.Text.Json.Serialization;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Training;

/// <summary>
/// Everything that decides a run, as <c>config.json</c> of its folder holds it: the console's flags with underscores, complete.
/// The same file is accepted by <c>--config</c>.
/// </summary>
internal sealed record TrainingSettings
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Training data: an absolute path.</summary>
    public string Data { get; init; } = "";

    /// <summary>Validation data, an absolute path; null: split off <see cref="Data"/>.</summary>
    public string? Val { get; init; }

    /// <summary>Article stores: 1 = target i+6, 0 = target i+5.</summary>
    public int TargetOffset { get; init; } = 1;

    /// <summary>Loss mode.</summary>
    public string Mode { get; init; } = "p6b-v2.1";

    /// <summary>Context slot of the negative, ctx0 (oldest) .. ctx4; null where the mode has none.</summary>
    public string? Negative { get; init; }

    /// <summary>Passes over the training windows.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Windows per step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Learning rate before the plateau schedule.</summary>
    public double Lr { get; init; } = 5e-4;

    /// <summary>AdamW's decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest gradient norm.</summary>
    public double Clip { get; init; } = 1.0;

    /// <summary>Dropout probability; null: the architecture's own, or none where it has no dropout.</summary>
    public double? Dropout { get; init; }

    /// <summary>Probability that the last context slot is corrupted.</summary>
    public double LastSlotNoise { get; init; } = Trainer.Data.LastSlotNoise.DefaultProbability;

    /// <summary>Architecture; run folders from before there were several have none in their config.json.</summary>
    public string ModelType { get; init; } = "transformer";

    /// <summary>Width of the model; null, here as below: the original's.</summary>
    public int? DModel { get; init; }

    /// <summary>Layers, where the architecture has a number of them.</summary>
    public int? Layers { get; init; }

    /// <summary>Attention heads, of a transformer.</summary>
    public int? Heads { get; init; }

    /// <summary>Width of the feed-forward part, where the architecture has one.</summary>
    public int? Ff { get; init; }

    /// <summary>Learnable scalars that add each context slot to the raw output.</summary>
    public bool SlotSkips { get; init; }

    /// <summary>Device as the catalogue names it.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>CPU threads; 0 = one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Take the windows in file order.</summary>
    public bool NoShuffle { get; init; }

    /// <summary>Value of <see cref="Init"/> that is no path: near a copy of the input, by principal components of the training vectors.</summary>
    public const string PrincipalComponentsInit = "pca";

    /// <summary>Weights to start from, an absolute path, or <see cref="PrincipalComponentsInit"/>; null: PyTorch's default initialisation.</summary>
    public string? Init { get; init; }

    /// <summary>Stop after this many steps from the start of the run; null: no limit.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Batches between records of metrics.jsonl and training.log; every epoch counts from its first batch.</summary>
    public int LogEvery { get; init; } = 200;

    /// <summary>Run folder, an absolute path.</summary>
    public string OutputDir { get; init; } = "";

    /// <summary>Largest gradient ratio G of the directional term to the MSE; null: no cap.</summary>
    public double? GradientCap { get; init; }

    /// <summary>Wanted mean gap of a mode with a dual pressure; null: the mode's.</summary>
    public double? Margin { get; init; }

    /// <summary>Largest pressure of a mode with a dual pressure; null: the mode's.</summary>
    public double? SMax { get; init; }

    /// <summary>The constants of <see cref="Mode"/>: complete in a run's folder; in a user's own file those that replace the table's, or null.</summary>
    public JsonElement? ModeConstants { get; init; }

    /// <summary>The negative as a slot number, 0 .. 4; a mode without a directional loss still reports the cosine to its default slot.</summary>
    public int NegativeSlot(LossMode mode) => Negative is null ? mode.DefaultNegativeSlot : Negative["ctx".Length] - '0';

    /// <summary>The mode, with the constants of these settings; a setting of its own wins over <see cref="ModeConstants"/>.</summary>
    /// <param name="where">The file of the constants, for messages.</param>
    /// <exception cref="InputException">No such mode, or its constants are not usable.</exception>
    public LossMode EffectiveMode(string where = "config.json")
    {
        LossMode mode = Loss.ModeConstants.Apply(LossModes.Find(Mode), ModeConstants, where);
        return mode with
        {
            GradientCap = GradientCap ?? mode.GradientCap,
            Dual = mode.Dual is { } dual ? dual with { Margin = Margin ?? dual.Margin, MaxPressure = SMax ?? dual.MaxPressure } : null,
        };
    }

    /// <summary>The windows of a run: the whole of <c>--val</c>, or what is split off the training data.</summary>
    /// <param name="data">The file of the training windows.</param>
    /// <param name="validation">The file of <c>--val</c>; null without one.</param>
    /// <exception cref="InputException">Too little data to split, or the two files differ in dimension.</exception>
    public ArticleSplit Split(ISequenceSet data, ISequenceSet? validation) =>
        validation is null ? ArticleSplit.Of(data, RandomStreams.Split(Seed)) : ArticleSplit.Whole(data, validation);

    /// <summary>The model these settings describe for vectors of dimension <paramref name="dimension"/>.</summary>
    public VectorPredictorConfig ModelConfig(int dimension) => ModelSizes.Config(this, dimension);

    /// <summary>Reads a config file; unknown keys and wrong types are errors.</summary>
    /// <exception cref="InputException">The file cannot be read or is not such a config.</exception>
    public static TrainingSettings Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<TrainingSettings>(stream, Json)
                ?? throw new InputException($"{path}: the file holds null; a JSON object with the keys of config.json is needed.");
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: not a valid config: {OneLine(e.Message)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>The settings as config.json holds them.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Checks every range.</summary>
    /// <exception cref="InputException">A value is outside its range; names the flag.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(Data), "--data", Data, "the name of a file");
        Require(Val is null || Val.Length > 0, "--val", Val, "the name of a file");
        Require(Init is null || Init.Length > 0, "--init", Init, "the name of a file, or pca");
        Require(!string.IsNullOrWhiteSpace(OutputDir), "--output-dir", OutputDir, "the name of a folder");
        Require(!string.IsNullOrWhiteSpace(Mode), "--mode", Mode, "the name of a mode");
        Require(!string.IsNullOrWhiteSpace(Device), "--device", Device, "the name of a device");
        Require(TargetOffset is 0 or 1, "--target-offset", TargetOffset, "0 or 1");
        Require(Negative is null or "ctx0" or "ctx1" or "ctx2" or "ctx3" or "ctx4", "--negative", Negative, "ctx0 .. ctx4");
        Require(GradientCap is null || (double.IsFinite(GradientCap.Value) && GradientCap > 0), "--gradient-cap", GradientCap, "a positive number");
        Require(Margin is null or (> -2 and < 2), "--margin", Margin, "a difference of two cosines");
        Require(SMax is null || (double.IsFinite(SMax.Value) && SMax >= 0), "--s-max", SMax, "0 or more");
        Require(Epochs >= 1, "--epochs", Epochs, "at least 1");
        Require(BatchSize is >= 1 and <= 65536, "--batch-size", BatchSize, "1 .. 65536");
        Require(double.IsFinite(Lr) && Lr > 0, "--lr", Lr, "a positive number");
        Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, "--weight-decay", WeightDecay, "0 or more");
        Require(double.IsFinite(Clip) && Clip > 0, "--clip", Clip, "a positive number");
        Require(LastSlotNoise is >= 0 and <= 1, "--last-slot-noise", LastSlotNoise, "in [0, 1]");
        ModelSizes.Validate(this);
        Require(Threads is >= 0 and <= 1024, "--threads", Threads, "0 .. 1024");
        Require(MaxSteps is null or >= 1, "--max-steps", MaxSteps, "at least 1");
        Require(LogEvery >= 1, "--log-every", LogEvery, "at least 1");
    }

    private static void Require(bool holds, string flag, object? value, string right)
    {
        if (!holds) throw new InputException($"{flag} {value}: must be {right}.");
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
