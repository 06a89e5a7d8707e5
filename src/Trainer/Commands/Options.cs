using CommandLine;

namespace P6bNative.Trainer.Commands;

/// <summary>What every verb has.</summary>
internal abstract class VerbOptions
{
    /// <summary>Words that belong to no flag: always a mistake.</summary>
    [Value(9, Hidden = true)]
    public IEnumerable<string> Rest { get; set; } = [];
}

/// <summary>Flags of <c>p6b train</c>; null means "not given": the config file or the default decides.</summary>
[Verb("train", HelpText = "Train a latent vector model; with no flags, mode p6b-v2.1 on the bundled sample.")]
internal sealed class TrainOptions : VerbOptions, IRunFlags
{
    [Option("data", HelpText = "Sequence file or article store (.npz). Default: the bundled sample.")]
    public string? Data { get; set; }

    [Option("val", HelpText = "Validation file (.npz). Default: the last 10 % of the article ids of --data.")]
    public string? Val { get; set; }

    [Option("target-offset", HelpText = "Article stores: 1 = target i+6 (P6), 0 = target i+5. Default 1.")]
    public int? TargetOffset { get; set; }

    [Option("mode", HelpText = "p6, p6b-v1, p6b-v2, p6b-v2.1, p6b-v2.2, p6b-v2.3, p6b-v3 or p6-nce. Default p6b-v2.1.")]
    public string? Mode { get; set; }

    [Option("negative", HelpText = "Context slot that the directional loss pushes away from: ctx0 .. ctx4. Default ctx3; p6b-v3: ctx4.")]
    public string? Negative { get; set; }

    [Option("gradient-cap", HelpText = "Largest ratio of the directional term's gradient to the MSE's; above it lambda is scaled down. Default: none, as in the original; p6b-v3: 0.8; p6-nce: 1, which sets its strength.")]
    public double? GradientCap { get; set; }

    [Option("margin", HelpText = "p6b-v3: the mean gap cos(output, target) - cos(output, negative) to train for. Default 0.05.")]
    public double? Margin { get; set; }

    [Option("s-max", HelpText = "p6b-v3: largest pressure s on the gap over the restoring force of the MSE. Default 0.6.")]
    public double? SMax { get; set; }

    [Option("epochs", HelpText = "Passes over the training windows. Default 12.")]
    public int? Epochs { get; set; }

    [Option("batch-size", HelpText = "Windows per step. Default 32.")]
    public int? BatchSize { get; set; }

    [Option("lr", HelpText = "Learning rate of AdamW. Default 5e-4.")]
    public double? Lr { get; set; }

    [Option("weight-decay", HelpText = "Decoupled weight decay. Default 0.01.")]
    public double? WeightDecay { get; set; }

    [Option("clip", HelpText = "Largest gradient norm. Default 1.0.")]
    public double? Clip { get; set; }

    [Option("dropout", HelpText = "Dropout probability. Default 0.1; lstm 0.2 (between layers), gru 0. amn and an lstm of one layer have none.")]
    public double? Dropout { get; set; }

    [Option("last-slot-noise", HelpText = "Probability that a window's last context is corrupted (as upstream does). Default 0.15; 0 switches it off.")]
    public double? LastSlotNoise { get; set; }

    [Option("model-type", HelpText = "transformer, lstm, gru or amn. Default transformer.")]
    public string? ModelType { get; set; }

    [Option("d-model", HelpText = "Width of the layers (transformer, gru), of the state (lstm), of keys and queries (amn). Default 512; amn 256.")]
    public int? DModel { get; set; }

    [Option("layers", HelpText = "Layers of a transformer or an lstm, blocks of a gru. Default 4; lstm 2.")]
    public int? Layers { get; set; }

    [Option("heads", HelpText = "Attention heads of a transformer. Default 8.")]
    public int? Heads { get; set; }

    [Option("ff", HelpText = "Width of the feed-forward layers of a transformer or amn. Default 2048; amn 512.")]
    public int? Ff { get; set; }

    [Option("slot-skips", HelpText = "Add each context slot to the raw output with a learnable scalar, from 0 (lr x 10, no weight decay).")]
    public bool SlotSkips { get; set; }

    [Option("device", HelpText = "auto, host, opencl:N, cuda:N or reference; see p6b devices. Default auto.")]
    public string? Device { get; set; }

    [Option("threads", HelpText = "CPU threads; 0 = one per core. Default 0. The result does not depend on it.")]
    public int? Threads { get; set; }

    [Option("seed", HelpText = "Seed of initialisation, shuffling, dropout and noise. Default 42.")]
    public long? Seed { get; set; }

    [Option("no-shuffle", HelpText = "Take the training windows in file order.")]
    public bool NoShuffle { get; set; }

    [Option("init", HelpText = "Start from these weights (.safetensors, PyTorch's names); or pca: near a copy of the input, by principal components of the training vectors.")]
    public string? Init { get; set; }

    [Option("max-steps", HelpText = "Stop after this many steps from the start of the run, as an interruption would; --resume goes on.")]
    public long? MaxSteps { get; set; }

    [Option("log-every", HelpText = "Batches between records in metrics.jsonl and training.log, counted from each epoch's first. Default 200.")]
    public int? LogEvery { get; set; }

    [Option("output-dir", HelpText = "Run folder. Default: runs/<mode>_<time>.")]
    public string? OutputDir { get; set; }

    [Option("resume", HelpText = "Go on with the run in this folder; every setting comes from it.")]
    public string? Resume { get; set; }

    [Option("config", HelpText = "Settings from a JSON file (the keys of a run's config.json); flags win.")]
    public string? Config { get; set; }

}

/// <summary>Flags of <c>p6b predict</c>.</summary>
[Verb("predict", HelpText = "Predict the target vector of every window: arrays raw and cos, in file order.")]
internal sealed class PredictOptions : VerbOptions
{
    [Option("model", Required = true, HelpText = "Weights (.safetensors).")]
    public string Model { get; set; } = "";

    [Option("data", Required = true, HelpText = "Sequence file or article store (.npz).")]
    public string Data { get; set; } = "";

    [Option("out", Required = true, HelpText = "Result (.npz).")]
    public string Out { get; set; } = "";

    [Option("target-offset", Default = 1, HelpText = "Article stores: which windows exist; 1 = those with a row i+6, 0 = with a row i+5.")]
    public int TargetOffset { get; set; }

    [Option("batch-size", Default = 256, HelpText = "Windows per forward pass.")]
    public int BatchSize { get; set; }

    [Option("device", Default = "auto", HelpText = "auto, host, opencl:N, cuda:N or reference; see p6b devices.")]
    public string Device { get; set; } = "auto";

    [Option("threads", Default = 0, HelpText = "CPU threads; 0 = one per core.")]
    public int Threads { get; set; }
}

/// <summary>Flags of <c>p6b evaluate</c>.</summary>
[Verb("evaluate", HelpText = "Judge a model: the five gates of the original (5CAT), corrected measures with intervals, and baselines.")]
internal sealed class EvaluateOptions : VerbOptions
{
    [Option("model", Required = true, HelpText = "Weights (.safetensors).")]
    public string Model { get; set; } = "";

    [Option("val-npz", HelpText = "VAL: sequence file or article store (.npz). Default: the validation windows of the run folder that the model lies in.")]
    public string? ValNpz { get; set; }

    [Option("ood-npz", HelpText = "OOD: sequence file or article store (.npz). Default: none; gates are then judged on VAL alone.")]
    public string? OodNpz { get; set; }

    [Option("articles-npz", HelpText = "Article store that the sequence files were cut from; not for data that are stores themselves.")]
    public string? ArticlesNpz { get; set; }

    [Option("train-npz", HelpText = "Data that the ridge baseline is fitted on. Default: the training windows of the model's run folder.")]
    public string? TrainNpz { get; set; }

    [Option("p6", HelpText = "Weights (.safetensors) of a second model, trained by plain MSE on the same data: a baseline, as it is and with its output corrected.")]
    public string? P6 { get; set; }

    [Option("target-offset", HelpText = "Article stores named by a flag: 1 = target i+6 (P6), 0 = target i+5. Default: as in the model's run folder, else 1.")]
    public int? TargetOffset { get; set; }

    [Option("max-samples", Default = 5000, HelpText = "Most samples for each test and split.")]
    public int MaxSamples { get; set; }

    [Option("horizon", Default = 5, HelpText = "Steps of the rollout of test D.")]
    public int Horizon { get; set; }

    [Option("out", HelpText = "Result (.json). Default: evaluation.json beside the model.")]
    public string? Out { get; set; }

    [Option("seed", Default = 42L, HelpText = "Seed of the corrected measures' samples and intervals; the original's tests do not depend on it.")]
    public long Seed { get; set; }

    [Option("batch-size", Default = 256, HelpText = "Windows per forward pass. The result does not depend on it.")]
    public int BatchSize { get; set; }

    [Option("device", Default = "auto", HelpText = "auto, host, opencl:N, cuda:N or reference; see p6b devices.")]
    public string Device { get; set; } = "auto";

    [Option("threads", Default = 0, HelpText = "CPU threads; 0 = one per core. The result does not depend on it.")]
    public int Threads { get; set; }
}

/// <summary>Flags of <c>p6b devices</c>.</summary>
[Verb("devices", HelpText = "List the devices, and why one is not used; or print what a kernel is translated to.")]
internal sealed class DevicesOptions : VerbOptions
{
    [Option("kernel", HelpText = "Print the text of the program that holds this kernel; 'list' names all.")]
    public string? Kernel { get; set; }

    [Option("target", HelpText = "With --kernel: opencl (default) or cuda.")]
    public string? Target { get; set; }

    [Option("json", HelpText = "Print JSON.")]
    public bool Json { get; set; }
}

/// <summary>Flags of <c>p6b gradcheck</c>.</summary>
[Verb("gradcheck", HelpText = "Check every operation's gradient, and the whole model's, against finite differences.")]
internal sealed class GradcheckOptions : VerbOptions
{
    [Option("device", Default = "reference", HelpText = "reference (double precision, bar 1e-6), or host, opencl:N, cuda:N (single precision, bar 1e-3 and 1e-4).")]
    public string Device { get; set; } = "reference";

    [Option("seed", Default = 1, HelpText = "Seed of the random inputs and directions.")]
    public int Seed { get; set; }
}

/// <summary>Arguments of <c>p6b bench</c>.</summary>
[Verb("bench", HelpText = "bench step: a training step; bench gemm: products of the model's shapes; bench launch: the cost of asking for an operation.")]
internal sealed class BenchOptions : VerbOptions
{
    [Value(0, MetaName = "what", Required = true, HelpText = "step, gemm or launch")]
    public string What { get; set; } = "";

    [Option("batch-size", HelpText = "step: windows per step. Default 32.")]
    public int? BatchSize { get; set; }

    [Option("dim", HelpText = "step: dimension D of the vectors. Default 768.")]
    public int? Dimension { get; set; }

    [Option("mode", HelpText = "step: the loss, a mode of train. Default p6b-v2.1.")]
    public string? Mode { get; set; }

    [Option("model-type", HelpText = "step: transformer, lstm, gru or amn, in the original's sizes. Default transformer.")]
    public string? ModelType { get; set; }

    [Option("device", Default = "auto", HelpText = "auto, host, opencl:N or cuda:N; see p6b devices.")]
    public string Device { get; set; } = "auto";

    [Option("threads", Default = 0, HelpText = "CPU threads; 0 = one per core.")]
    public int Threads { get; set; }

    [Option("profile", HelpText = "step: then profile some steps and print the time of each operation or kernel.")]
    public bool Profile { get; set; }

    [Option("json", HelpText = "Print JSON.")]
    public bool Json { get; set; }
}

/// <summary>Arguments of <c>p6b compare</c>.</summary>
[Verb("compare", HelpText = "compare RUN RUN ..: runs side by side: settings that differ, and every measure per epoch and at the end.")]
internal sealed class CompareOptions : VerbOptions
{
    [Value(0, MetaName = "runs", Required = true, HelpText = "Run folders (--output-dir of train).")]
    public IEnumerable<string> Runs { get; set; } = [];

    [Option("json", HelpText = "Write everything to this JSON file, full precision; - writes it instead of the text.")]
    public string? Json { get; set; }

    [Option("csv", HelpText = "Write a row for each run and epoch to this CSV file; - writes it instead of the text.")]
    public string? Csv { get; set; }

    [Option("svg", HelpText = "Write line charts to this SVG file.")]
    public string? Svg { get; set; }
}

/// <summary>Arguments of <c>p6b guards</c>.</summary>
[Verb("guards", HelpText = "guards RUN: what the guards did and saw in a run, each answer with the records it rests on.")]
internal sealed class GuardsOptions : VerbOptions
{
    [Value(0, MetaName = "run", Required = true, HelpText = "Run folder (--output-dir of train).")]
    public string Folder { get; set; } = "";

    [Option("json", HelpText = "Print one JSON object.")]
    public bool Json { get; set; }
}
