using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Training;

/// <summary>A step that stops the run; its update was not made.</summary>
/// <param name="Step">Number of the step.</param>
/// <param name="What">What was not finite, and the operation that first made it; or what collapsed.</param>
/// <param name="Collapsed">True where the mode's stop rule fired and every number was finite.</param>
internal sealed record StepFailure(long Step, string What, bool Collapsed = false);

/// <summary>What one step did.</summary>
/// <param name="Loss">Loss terms and guardrail decisions.</param>
/// <param name="Failure">Null, or the step that stops the run: this one, or the one before it.</param>
internal readonly record struct StepResult(StepReport Loss, StepFailure? Failure);

/// <summary>
/// One training step: forward, statistics to the host, guardrails, backward, clip, AdamW. All memory is allocated when it is made; a step
/// allocates nothing. The device is waited for once a step, for the statistics; the gradient norm comes with the next step's statistics, or
/// with <see cref="Complete"/>, so that the host prepares the next batch while the device updates.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly Device _device;
    private readonly IVectorPredictor _model;
    private readonly ParameterSet _parameters;
    private readonly StepLoss _loss;
    private readonly ulong _dropoutSeed;
    private readonly ParameterUpdate _update;
    private readonly BatchTape _full;
    private readonly BatchTape? _partial;
    private readonly Buffer _norm;
    private readonly Buffer _weightNorm;
    private readonly double[] _normOnHost = new double[1];
    private readonly long _warmupSteps;
    private Pending? _pending;

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
        Device device, IVectorPredictor model, ParameterSet parameters, LossMode mode, TrainingSettings settings, int windows)
    {
        _device = device;
        _model = model;
        _parameters = parameters;
        _update = new ParameterUpdate(parameters, settings.WeightDecay, settings.Clip);
        _dropoutSeed = RandomStreams.Dropout(settings.Seed);
        int rows = Math.Min(settings.BatchSize, windows);
        int negativeSlot = settings.NegativeSlot(mode);
        _loss = new StepLoss(mode, model.Config.InputDimension, model.Config.ContextLength, negativeSlot, rows);
        _warmupSteps = WarmupSteps(mode, settings, windows);
        _norm = device.Allocate(1);
        _weightNorm = device.Allocate(1);
        _full = new BatchTape(device, model, parameters, rows, TapeMode.Training, negativeSlot, mode.InArticle is not null, Update);
        if (windows % rows > 0)
            _partial = new BatchTape(device, model, parameters, windows % rows, TapeMode.Training, negativeSlot, mode.InArticle is not null, Update);
    }

    /// <summary>State of the dual controller, in a mode that has one.</summary>
    public DualState Dual
    {
        get => _loss.Dual;
        set => _loss.Dual = value;
    }

    /// <summary>Gradient norm before clipping of the last completed step.</summary>
    public double GradientNorm => _normOnHost[0];

    /// <summary>Steps of a mode with a dual pressure that train on the MSE alone; 0 for other modes.</summary>
    public static long WarmupSteps(LossMode mode, TrainingSettings settings, int windows) =>
        mode.Dual is null ? 0 : (long)(mode.Dual.WarmupShare * TotalSteps(settings, windows));

    /// <summary>Steps of the whole run, whatever <c>--max-steps</c> says.</summary>
    public static long TotalSteps(TrainingSettings settings, int windows) =>
        (long)settings.Epochs * ((windows + settings.BatchSize - 1) / settings.BatchSize);

    /// <summary>√Σ w² over all weights: not finite when one of them is not, or is out of any useful range.</summary>
    public double WeightNorm()
    {
        Span<double> norm = stackalloc double[1];
        _device.Operations.GradientNorm(_parameters.Values, _weightNorm.All);
        _device.Download(_weightNorm.All, norm);
        return norm[0];
    }

    /// <summary>Runs one step. Its batch must stay as it is until the next call has returned, or <see cref="Complete"/>.</summary>
    /// <param name="contexts">[rows, T, D]</param>
    /// <param name="targets">[rows, D]</param>
    /// <param name="rows">Windows in this batch: a full batch, or the last one of an epoch.</param>
    /// <param name="step">1 for the first step of the run.</param>
    /// <param name="epoch">1 for the first epoch; chooses the stage of the schedule.</param>
    /// <param name="learningRate">AdamW's learning rate.</param>
    /// <param name="negatives">Drawn from the targets' articles, in a mode with <see cref="LossMode.InArticle"/>; read before the call returns.</param>
    public StepResult Run(
        ReadOnlyMemory<float> contexts, ReadOnlyMemory<float> targets, int rows, long step, int epoch, double learningRate,
        NegativeBatch negatives = default)
    {
        BatchTape batch = rows == _full.Rows ? _full : _partial!;
        var current = new Pending(batch, contexts, targets, step);
        Forward(current);
        if (Read(batch) is { } before) return new StepResult(default, before);

        ReadOnlySpan<double> statistics = batch.StatisticsOnHost;
        string? sick = FiniteGuard.FindStatistics(statistics, rows, _model.Config.ContextLength);
        if (sick is not null) return new StepResult(default, new StepFailure(step, sick + NameOperation(current, backward: false)));
        _loss.Contrast?.Evaluate(batch.ReadRaw(), targets.Span, negatives.Vectors, negatives.Counts);
        StepReport report = _loss.Evaluate(statistics, rows, epoch, warmUp: step <= _warmupSteps);
        sick = FiniteGuard.FindScalar("loss", report.Loss);
        if (sick is not null) return new StepResult(report, new StepFailure(step, sick));

        if (report.Collapse is { } collapse) return new StepResult(report, new StepFailure(step, collapse, Collapsed: true));

        _loss.WriteCoefficients(batch.Coefficients);
        if (_loss.Contrast is not null) _loss.WriteRawGradient(batch.RawGradient);
        _update.SetStep(learningRate, step);
        batch.Backward();
        _pending = current;
        return new StepResult(report, null);
    }

    /// <summary>Waits for the update of the last step, whose <see cref="GradientNorm"/> is known then.</summary>
    /// <returns>Null, or why that update was not made.</returns>
    public StepFailure? Complete()
    {
        if (_pending is null) return null;
        _device.Download(_norm.All, _normOnHost);
        return CheckNorm();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _full.Dispose();
        _partial?.Dispose();
        _norm.Dispose();
        _weightNorm.Dispose();
    }

    private void Forward(Pending step)
    {
        step.Batch.Tape.Key.Value = CounterRandom.Mix(_dropoutSeed, (ulong)step.Number);
        step.Batch.Upload(step.Contexts.Span, step.Targets.Span);
        step.Batch.Forward();
    }

    /// <summary>The one host read of a step: its statistics, and the gradient norm of the step before it.</summary>
    private StepFailure? Read(BatchTape batch)
    {
        if (_pending is null)
        {
            batch.ReadStatistics();
            return null;
        }

        _device.Download(batch.Statistics, batch.StatisticsOnHost, _norm.All, _normOnHost);
        return CheckNorm();
    }

    private StepFailure? CheckNorm()
    {
        Pending step = _pending!.Value;
        _pending = null;
        string? sick = FiniteGuard.FindScalar("gradient norm", _normOnHost[0]);
        return sick is null ? null : new StepFailure(step.Number, sick + NameOperation(step, backward: true));
    }

    /// <summary>The end of a step; AdamW itself refuses a norm that is not finite, so the host need not wait for the norm.</summary>
    private void Update()
    {
        IOperations operations = _device.Operations;
        operations.GradientNorm(_parameters.Gradients, _norm.All);
        _update.Run(operations, _norm.All);
    }

    /// <summary>Repeats the sick step, weights still unchanged, in anomaly mode.</summary>
    private string NameOperation(Pending step, bool backward)
    {
        Tape tape = step.Batch.Tape;
        Forward(step);
        tape.DetectAnomaly = true;
        try
        {
            tape.Forward();
            if (!backward) return "";
            step.Batch.WriteCoefficients();
            tape.Backward();
            return "";
        }
        catch (AnomalyException e)
        {
            return $"; first made by {e.Message}";
        }
        finally
        {
            tape.DetectAnomaly = false;
        }
    }

    /// <summary>A step whose norm is not known yet, with what it needs to be repeated.</summary>
    private readonly record struct Pending(BatchTape Batch, ReadOnlyMemory<float> Contexts, ReadOnlyMemory<float> Targets, long Number);
}
