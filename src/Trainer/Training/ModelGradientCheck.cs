using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Training;

/// <summary>
/// The gradient of the whole model with the whole loss, dropout on, against finite differences. λ and skip are constants of the step
/// (no gradient flows through them), so the differences use the decisions of the unperturbed point.
/// </summary>
internal static class ModelGradientCheck
{
    private const int Batch = 3;

    public static IEnumerable<GradientCheckResult> Run(Device device, GradientCheckSettings settings)
    {
        foreach (LossMode mode in LossModes.All)
            yield return Check(device, mode, new VectorPredictorConfig { InputDimension = 7, ModelDimension = 8, Layers = 2, Heads = 2, FeedForward = 12 }, settings);
    }

    private static GradientCheckResult Check(Device device, LossMode mode, VectorPredictorConfig config, GradientCheckSettings settings)
    {
        var model = new TransformerVectorPredictor(config);
        using var parameters = new ParameterSet(device, model.Layout);
        Initialization.Initialize(parameters, (ulong)settings.Seed);
        using var batch = new BatchTape(device, model, parameters, Batch, TapeMode.Training, mode.DefaultNegativeSlot);
        batch.Tape.Key.Value = (ulong)settings.Seed;
        var loss = new StepLoss(mode, config.InputDimension, config.ContextLength, mode.DefaultNegativeSlot, Batch);
        float[] contexts = RandomRows(Batch * config.ContextLength * config.InputDimension, (ulong)settings.Seed, stream: 0);
        float[] targets = RandomRows(Batch * config.InputDimension, (ulong)settings.Seed, stream: 1);
        StepReport atStart = loss.Evaluate(batch.Forward(contexts, targets), Batch, epoch: 1);
        double lambda = atStart.Skip ? 0 : atStart.LambdaEff;
        GradientVariable[] variables =
            [.. model.Layout.Entries.Select(e => new GradientVariable(e.Name, parameters.Value(e.Name), parameters.Gradient(e.Name)))];
        return GradientCheck.Run(
            $"whole model, {mode.Name}", batch.Tape, variables,
            () =>
            {
                StepReport now = loss.Evaluate(batch.ReadStatistics(), Batch, epoch: 1);
                loss.WriteCoefficients(batch.Coefficients);
                batch.WriteCoefficients();
                return now.Mse + lambda * now.Dir + mode.FloorWeight * now.Floor + mode.NormWeight * now.NormPenalty;
            },
            settings);
    }

    private static float[] RandomRows(int count, ulong seed, ulong stream)
    {
        ulong key = CounterRandom.Mix(seed, stream);
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(CounterRandom.Bits((uint)i, (uint)key, (uint)(key >> 32)) / 4294967296.0 * 2 - 1);
        return values;
    }
}
