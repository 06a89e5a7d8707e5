using CommandLine;

namespace P6bNative.Trainer.Commands;

/// <summary>Flags of <c>p6b forecast</c>; those of train mean the same there.</summary>
[Verb("forecast", HelpText = "Before training: where each stage of a mode will come to rest, or that it collapses, from a ridge fit on the data.")]
internal sealed class ForecastOptions : VerbOptions, IRunFlags
{
    [Option("data", HelpText = "Training data: sequence file or article store (.npz). Default: the bundled sample, or the config's.")]
    public string? Data { get; set; }

    [Option("val", HelpText = "Windows the forecast is made on (.npz). Default: the last 10 % of the article ids of --data.")]
    public string? Val { get; set; }

    [Option("target-offset", HelpText = "Article stores: 1 = target i+6 (P6), 0 = target i+5. Default 1.")]
    public int? TargetOffset { get; set; }

    [Option("mode", HelpText = "Mode of train. Default p6b-v2.1.")]
    public string? Mode { get; set; }

    [Option("negative", HelpText = "Context slot that the directional loss pushes away from: ctx0 .. ctx4. Default: the mode's.")]
    public string? Negative { get; set; }

    [Option("gradient-cap", HelpText = "Largest gradient ratio G; lambda is scaled down above it. Default: the mode's.")]
    public double? GradientCap { get; set; }

    [Option("margin", HelpText = "p6b-v3: the mean gap to train for. Default 0.05.")]
    public double? Margin { get; set; }

    [Option("s-max", HelpText = "p6b-v3: largest pressure s. Default 0.6.")]
    public double? SMax { get; set; }

    [Option("config", HelpText = "Settings from a JSON file, e.g. a run's config.json; its mode_constants apply, flags win.")]
    public string? Config { get; set; }

    [Option("model", HelpText = "Forecast from the raw predictions of these weights (.safetensors, trained by mode p6) instead of a ridge fit.")]
    public string? Model { get; set; }

    [Option("device", Default = "auto", HelpText = "auto, host, opencl:N, cuda:N or reference; see p6b devices.")]
    public string Device { get; set; } = "auto";

    [Option("threads", Default = 0, HelpText = "CPU threads; 0 = one per core. The result does not depend on it.")]
    public int Threads { get; set; }

    [Option("json", HelpText = "Print one JSON object.")]
    public bool Json { get; set; }
}
