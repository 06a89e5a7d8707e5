using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Forecast;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>forecast</c>.</summary>
internal static class ForecastCommand
{
    private const int BatchSize = 256;

    public static int Run(ForecastOptions options, ConsoleContext console)
    {
        TrainingSettings settings = Settings(options);
        LossMode mode = settings.EffectiveMode(options.Config ?? "config.json");
        using ISequenceSet data = SequenceSet.Open(settings.Data, settings.TargetOffset);
        using ISequenceSet? validation = settings.Val is null ? null : SequenceSet.Open(settings.Val, settings.TargetOffset);
        ArticleSplit split = settings.Split(data, validation);
        if (split.Warning is not null) console.Error.WriteLine($"p6b: warning: {split.Warning}");
        using Device device = TrainingSetup.OpenDevice(options.Device, options.Threads);
        SubtractionCurve curve;
        if (options.Model is null)
        {
            using RidgeRegression ridge = RidgeRegression.Fit(device, new SequenceRows(data, split.Train), RidgeRegression.BaselineLambda, options.Threads);
            curve = CurveData.Read(validation ?? data, split.Validation.Span, settings.NegativeSlot(mode), ridge.Predict);
        }
        else
        {
            curve = OfModel(options.Model, device, validation ?? data, split.Validation.Span, settings.NegativeSlot(mode));
        }

        var report = ForecastReport.Of(new ModeForecast(curve, mode), settings, split, curve, options.Model);
        if (options.Json)
            console.Output.WriteLine(report.ToJson());
        else
            report.WriteText(console);
        return ExitCode.Done;
    }

    /// <summary>The settings of a run with these flags, checked as train checks them.</summary>
    private static TrainingSettings Settings(ForecastOptions options)
    {
        var flags = new TrainOptions
        {
            Data = options.Data,
            Val = options.Val,
            TargetOffset = options.TargetOffset,
            Mode = options.Mode,
            Negative = options.Negative,
            GradientCap = options.GradientCap,
            Margin = options.Margin,
            SMax = options.SMax,
            Config = options.Config,
        };
        return TrainingFlags.Merge(flags, options.Config is null ? new TrainingSettings() : TrainingSettings.Read(options.Config));
    }

    private static SubtractionCurve OfModel(string path, Device device, ISequenceSet set, ReadOnlySpan<int> windows, int negative)
    {
        using SafetensorsFile weights = SafetensorsFile.Open(path);
        IVectorPredictor model = VectorPredictors.Open(weights);
        if (model.Config.InputDimension != set.Dimension || model.Config.ContextLength != set.ContextLength)
        {
            throw new InputException(
                $"--model {path}: reads {model.Config.ContextLength} vectors of dimension {model.Config.InputDimension}, "
                + $"but {set.Path} has {set.ContextLength} of dimension {set.Dimension}; both must agree.");
        }

        using var parameters = new ParameterSet(device, model.Layout, training: false);
        WeightsFile.Load(path, parameters);
        using var predictor = new Predictor(model, parameters, BatchSize);
        return CurveData.Read(set, windows, negative, predictor.Predict);
    }
}
