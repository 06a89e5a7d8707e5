using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Training;

/// <summary>What one step did.</summary>
/// <param name="Loss">Loss terms and guardrail decisions.</param>
/// <param name="GradientNorm">Norm before clipping; NaN when the step stopped before backward.</param>
/// <param name="Failure">Null, or what was not finite: nothing was updated then.</param>
internal readonly record struct StepResult(StepReport Loss, double GradientNorm, string? Failure);

/// <summary>
/// One training step: forward, statistics to the host, guardrails, backward, clip, AdamW. All memory is allocated when it is made; a step
/// allocates nothing.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly Device _device;
    private readonly TransformerVectorPredictor _model;
    private readonly ParameterSet _parameters;
    private readonly StepLoss _loss;
    private readonly ulong _dropoutSeed;
    private readonly int _negativeSlot;
    private readonly AdamWSettings _adamW;
    private readonly BatchTape _full;
    private readonly BatchTape? _partial;
    private readonly Buffer _norm;
    private readonly double[] _normOnHost = new double[1];

    /// <summary>Records the step of a run's batches: full ones, and the last one of an epoch.</summary>
    public TrainingStep(TrainingSetup setup, int windows)
        : this(setup.Device, setup.Model, setup.Parameters, setup.Mode, setup.Settings, windows)
    {
    }

    /// <summary>Records the step for batches of <paramref name="windows"/> windows at a time.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Its parameters, trained.</param>
    /// <param name="mode">The loss.</param>
    /// <param name="settings">Batch size, seed, negative, weight decay and clip.</param>
    /// <param name="windows">Windows of an epoch; they decide which batch shapes occur.</param>
    public TrainingStep(
        Device device, TransformerVectorPredictor model, ParameterSet parameters, LossMode mode, TrainingSettings settings, int windows)
    {
        _device = device;
        _model = model;
        _parameters = parameters;
        _negativeSlot = settings.NegativeSlot(mode);
        _adamW = new AdamWSettings { WeightDecay = settings.WeightDecay, MaxGradientNorm = settings.Clip };
        _dropoutSeed = RandomStreams.Dropout(settings.Seed);
        int rows = Math.Min(settings.BatchSize, windows);
        _loss = new StepLoss(mode, model.Config.InputDimension, model.Config.ContextLength, _negativeSlot, rows);
        _full = new BatchTape(device, model, parameters, rows, TapeMode.Training);
        if (windows % rows > 0) _partial = new BatchTape(device, model, parameters, windows % rows, TapeMode.Training);
        _norm = device.Allocate(1);
    }

    /// <summary>√Σ w² over all weights: not finite when one of them is not, or is out of any useful range.</summary>
    public double WeightNorm()
    {
        _device.Operations.GradientNorm(_parameters.Values, _norm.All);
        _device.Download(_norm.All, _normOnHost);
        return _normOnHost[0];
    }

    /// <summary>Runs one step.</summary>
    /// <param name="contexts">[rows, T, D]</param>
    /// <param name="targets">[rows, D]</param>
    /// <param name="rows">Windows in this batch: a full batch, or the last one of an epoch.</param>
    /// <param name="step">1 for the first step of the run.</param>
    /// <param name="epoch">1 for the first epoch; chooses the stage of the schedule.</param>
    /// <param name="learningRate">AdamW's learning rate.</param>
    public StepResult Run(
        ReadOnlySpan<float> contexts, ReadOnlySpan<float> targets, int rows, long step, int epoch, double learningRate)
    {
        BatchTape batch = rows == _full.Rows ? _full : _partial!;
        batch.Tape.Key.Value = CounterRandom.Mix(_dropoutSeed, (ulong)step);
        ReadOnlySpan<double> statistics = batch.Forward(contexts, targets);
        string? failure = FiniteGuard.FindStatistics(statistics, rows, _model.Config.ContextLength);
        if (failure is not null) return new StepResult(default, double.NaN, failure + NameOperation(batch, backward: false));

        StepReport report = _loss.Evaluate(statistics, rows, epoch);
        failure = FiniteGuard.FindScalar("loss", report.Loss);
        if (failure is not null) return new StepResult(report, double.NaN, failure);

        _loss.WriteCoefficients(batch.Coefficients);
        batch.Backward(_negativeSlot);
        IOperations operations = _device.Operations;
        operations.GradientNorm(_parameters.Gradients, _norm.All);
        _adamW.LearningRate = learningRate;
        _adamW.Step = step;

        // The update itself refuses a non-finite norm, so the host need not wait for the norm before asking for it.
        operations.AdamW(
            _parameters.Values, _parameters.Gradients, _parameters.FirstMoment, _parameters.SecondMoment, _norm.All, _adamW);
        _device.Download(_norm.All, _normOnHost);
        double norm = _normOnHost[0];
        failure = FiniteGuard.FindScalar("gradient norm", norm);
        return new StepResult(report, norm, failure is null ? null : failure + NameOperation(batch, backward: true));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _full.Dispose();
        _partial?.Dispose();
        _norm.Dispose();
    }

    /// <summary>Replays the sick step, weights still unchanged, in anomaly mode.</summary>
    private string NameOperation(BatchTape batch, bool backward)
    {
        batch.Tape.DetectAnomaly = true;
        try
        {
            batch.Forward();
            if (backward) batch.Backward(_negativeSlot);
            return "";
        }
        catch (AnomalyException e)
        {
            return $"; first made by {e.Message}";
        }
        finally
        {
            batch.Tape.DetectAnomaly = false;
        }
    }
}
