using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
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
        TrainingSettings settings =
            TrainingFlags.Merge(options, options.Config is null ? new TrainingSettings() : TrainingSettings.Read(options.Config));
        LossMode mode = settings.EffectiveMode(options.Config ?? "config.json");
        if (ModeForecast.Obstacle(mode) is { } obstacle) throw new InputException($"--mode {mode.Name}: there is no forecast: {obstacle}.");
        using ISequenceSet data = SequenceSet.Open(settings.Data, settings.TargetOffset);
        using ISequenceSet? validation = settings.Val is null ? null : SequenceSet.Open(settings.Val, settings.TargetOffset);
        ArticleSplit split = settings.Split(data, validation);
        if (split.Warning is not null) console.Error.WriteLine($"p6b: warning: {split.Warning}");
        using Device device = TrainingSetup.OpenDevice(options.Device, options.Threads);
        SubtractionCurve curve = options.Model is null
            ? CurveData.OfRidge(device, data, validation ?? data, split, settings.NegativeSlot(mode), options.Threads, CancellationToken.None)
            : OfModel(options.Model, device, validation ?? data, split.Validation.Span, settings.NegativeSlot(mode));
        var report = ForecastReport.Of(curve, mode, settings, split, options.Model, options.Threads, CancellationToken.None);
        if (options.Json)
            console.Output.WriteLine(report.ToJson());
        else
            report.WriteText(console);
        return ExitCode.Done;
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
