using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Evaluation.FiveCat;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>evaluate</c>: the full 5CAT of a model, by the original's definitions and by corrected ones, beside baselines.</summary>
internal static class EvaluateCommand
{
    /// <summary>Name of the result beside the model, where <c>--out</c> is not given.</summary>
    public const string DefaultResult = "evaluation.json";

    public static int Run(EvaluateOptions options, ConsoleContext console)
    {
        Validate(options);
        using EvaluatedModel model = EvaluatedModel.Open(options.Model);
        using EvaluatedModel? p6 = options.P6 is null ? null : EvaluatedModel.Open(options.P6);
        if (p6 is not null) RequireSuits(options, model, p6);
        using EvaluationInputs inputs = EvaluationInputs.Open(options);
        inputs.RequireDimension(model.Dimension);

        using Device device = TrainingSetup.OpenDevice(options.Device, options.Threads);
        using RidgePredictions? ridge = inputs.Train is null ? null : FitRidge(inputs.Train, device, options.Threads);
        var judged = new Judged(
            model.Load(device, options.BatchSize, intactOnly: false), ridge, p6?.Load(device, options.BatchSize, intactOnly: true));

        var settings = new FiveCatSettings(options.MaxSamples, options.Horizon, options.Seed);
        SplitResult val = Evaluate(inputs.Val);
        SplitResult? ood = inputs.Ood is null ? null : Evaluate(inputs.Ood);
        var gates = new Gates(val.Model.Original!.Values, ood?.Model.Original!.Values, options.Horizon);
        var subject = new FiveCatSubject(settings, model.Facts, p6?.Facts, device.Name, inputs.TrainText, ridge is not null);
        string path = options.Out ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Model))!, DefaultResult);
        FiveCatResultWriter.Write(path, subject, val, ood, gates);
        EvaluationReport.Write(subject, val, ood, gates, console);
        console.Output.WriteLine($"All numbers, their definitions and the other baselines' tests: {path}");
        return gates.AnyFailed ? ExitCode.GateFailed : ExitCode.Done;

        SplitResult Evaluate(FiveCatSplit split)
        {
            SplitResult result = FiveCatEvaluation.Run(split, judged, settings, options.Threads, ShowProgress);
            if (console.IsTerminal) console.Output.Write("\r                                  \r");
            return result;

            void ShowProgress(int done, int all)
            {
                if (console.IsTerminal) console.Output.Write($"\r{split.Name} {done:N0} of {all:N0} samples");
            }
        }
    }

    private static RidgePredictions FitRidge(IRegressionRows train, Device device, int threads)
    {
        using RidgeRegression ridge = RidgeRegression.Fit(device, train, RidgeRegression.BaselineLambda, threads);
        return new RidgePredictions(device, ridge.Weights.Span, train.OutputWidth, 2 * SplitScoring.VectorsOfBlock);
    }

    private static void Validate(EvaluateOptions options)
    {
        if (options.BatchSize is < 1 or > 65536) throw new InputException($"--batch-size {options.BatchSize}: must be 1 .. 65536.");
        if (options.MaxSamples < 1) throw new InputException($"--max-samples {options.MaxSamples}: must be at least 1.");
        if (options.Horizon is < 1 or > 1000) throw new InputException($"--horizon {options.Horizon}: must be 1 .. 1000.");
        if (options.TargetOffset is not (null or 0 or 1)) throw new InputException($"--target-offset {options.TargetOffset}: must be 0 or 1.");
        if (options.Out?.Length == 0) throw new InputException("--out: must be the name of a file.");
    }

    private static void RequireSuits(EvaluateOptions options, EvaluatedModel model, EvaluatedModel p6)
    {
        if (p6.Dimension != model.Dimension)
        {
            throw new InputException(
                $"--p6 {options.P6}: predicts vectors of dimension {p6.Dimension}, but {options.Model} of {model.Dimension}; both must agree.");
        }

        string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.P6!))!, "config.json");
        if (File.Exists(config) && TrainingSettings.Read(config).EffectiveMode(config) is { } mode && !mode.IsPlainMse)
            throw new InputException($"--p6 {options.P6}: was trained by mode {mode.Name} ({config}); it must be p6, or p6b-v3 with --s-max 0: plain MSE.");
    }
}
