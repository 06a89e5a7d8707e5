using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>The gradient norm is read with the next step's statistics; a sick one must stop the run all the same.</summary>
public sealed class TrainingStepTests
{
    private const int Batch = 4;
    private static readonly VectorPredictorConfig Config = new() { InputDimension = 8, ModelDimension = 8, Layers = 1, Heads = 2, FeedForward = 8 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gradient_norm_that_is_not_finite_is_reported_for_its_own_step_and_nothing_is_updated(bool completed)
    {
        using var device = new HostDevice(threads: 1);
        var model = new TransformerVectorPredictor(Config);
        using var parameters = new ParameterSet(device, model.Layout);
        Initialization.Initialize(parameters, 1);

        // Activations of 1e38 and weights of 1e-38 behind them: the loss is an ordinary number, the gradient of those weights is not.
        Scale(device, parameters.Value("head.2.weight"), 1e38);
        Scale(device, parameters.Value("head.3.weight"), 1e-38);
        float[] before = Download(device, parameters.Values);
        using var step = new TrainingStep(device, model, parameters, LossModes.Find("p6"), new TrainingSettings { BatchSize = Batch, Dropout = 0 }, Batch);
        (float[] contexts, float[] targets) = (Rows(Batch * 5, 1), [.. Rows(Batch, 2).Select(x => 1000 * x)]);

        StepResult first = step.Run(contexts, targets, Batch, step: 1, epoch: 1, learningRate: 0.1);
        Assert.Null(first.Failure);
        Assert.True(double.IsFinite(first.Loss.Loss));
        StepFailure? failure = completed ? step.Complete() : step.Run(Rows(Batch * 5, 3), Rows(Batch, 4), Batch, step: 2, epoch: 1, learningRate: 0.1).Failure;
        Assert.NotNull(failure);
        Assert.Equal(1, failure.Step);
        Assert.Contains("gradient norm", failure.What, StringComparison.Ordinal);
        Assert.Contains("first made by head.3 (Linear)", failure.What, StringComparison.Ordinal);
        Assert.Equal(before, Download(device, parameters.Values));
    }

    private static void Scale(Device device, View view, double factor)
    {
        float[] values = Download(device, view);
        for (int i = 0; i < values.Length; i++) values[i] = (float)(values[i] * factor);
        device.Upload(values, view);
    }

    private static float[] Download(Device device, View view)
    {
        var values = new float[view.Length];
        device.Download(view, values);
        return values;
    }

    private static float[] Rows(int rows, uint key) =>
        [.. Enumerable.Range(0, rows * Config.InputDimension).Select(i => CounterRandom.Bits((uint)i, key, 0) / 4294967296f - 0.5f)];
}
