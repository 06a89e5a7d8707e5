using System.Diagnostics;
using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Optimization;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Training;

/// <summary>The epochs of a run: steps, evaluation, schedule, records and checkpoints, from any <see cref="RunState"/> on.</summary>
internal sealed class TrainingRun : IDisposable
{
    /// <summary>A long epoch is saved this often, so that a power cut costs minutes.</summary>
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(2);

    private readonly TrainingSetup _setup;
    private readonly RunFolder _folder;
    private readonly ProgressLine _progress;
    private readonly MetricsWriter _metrics;
    private readonly TrainingLog _log;
    private readonly TrainingStep _step;
    private readonly Evaluator _evaluator;
    private readonly BatchLoader _loader;
    private readonly EpochOrder _order;
    private readonly LastSlotNoise _noise;
    private readonly ReduceLROnPlateau _plateau;
    private readonly GuardrailCounters _counters = new();
    private readonly int[] _windows;
    private readonly float[] _contexts;
    private readonly float[] _targets;
    private readonly List<EpochRecord> _history;
    private long _stepsDone;
    private int _epoch;
    private int _batch;
    private double? _bestValidationLoss;
    private long _lastCheckpoint = Stopwatch.GetTimestamp();

    public TrainingRun(TrainingSetup setup, RunFolder folder, RunState state, bool resumed, ProgressLine progress)
    {
        TrainingSettings settings = setup.Settings;
        _setup = setup;
        _folder = folder;
        _progress = progress;
        _stepsDone = state.Step;
        _epoch = state.Epoch;
        _batch = state.Batch;
        _bestValidationLoss = state.BestValidationLoss;
        _history = [.. state.History];
        _counters.Totals = state.Totals;
        _plateau = new ReduceLROnPlateau(settings.Lr);
        if (resumed) _plateau.State = state.Plateau;
        _metrics = resumed ? MetricsWriter.Resume(folder.Metrics, state.Step) : MetricsWriter.Create(folder.Metrics);
        _log = new TrainingLog(folder.Log, setup.Mode, settings.LogEvery, append: resumed, echo: progress.WriteAbove);
        _step = new TrainingStep(
            setup.Device, setup.Model, setup.Parameters, setup.Mode, settings.NegativeSlot, settings.BatchSize, settings.Seed,
            settings.WeightDecay, settings.Clip);
        _evaluator = new Evaluator(
            setup.Device, setup.Model, setup.Parameters, setup.ValidationData, setup.Split.Validation, settings.BatchSize);
        _loader = new BatchLoader(setup.Data, settings.BatchSize);
        _order = new EpochOrder(setup.Split.Train, RandomStreams.Order(settings.Seed), !settings.NoShuffle);
        _noise = settings.LastSlotNoise > 0
            ? new LastSlotNoise((float)settings.LastSlotNoise, RandomStreams.Noise(settings.Seed))
            : default;
        _windows = new int[_order.Count];
        int dimension = setup.Data.Dimension;
        _contexts = new float[settings.BatchSize * setup.Data.ContextLength * dimension];
        _targets = new float[settings.BatchSize * dimension];
    }

    /// <summary>Finished epochs.</summary>
    public IReadOnlyList<EpochRecord> History => _history;

    /// <summary>Steps done since the start of the run.</summary>
    public long StepsDone => _stepsDone;

    /// <summary>What was not finite, when the run ended with <see cref="StopReason.NotFinite"/>.</summary>
    public string? Failure { get; private set; }

    /// <summary>The state as a checkpoint holds it.</summary>
    public RunState State => new()
    {
        Step = _stepsDone,
        Epoch = _epoch,
        Batch = _batch,
        Totals = _counters.Totals,
        Plateau = _plateau.State,
        BestValidationLoss = _bestValidationLoss,
        History = [.. _history],
    };

    /// <summary>Trains until the last epoch, the step limit, a stop request or a non-finite number.</summary>
    public StopReason Run(CancellationToken stop)
    {
        int epochs = _setup.Settings.Epochs;
        int batches = _loader.BatchCount(_windows.Length);
        while (_epoch <= epochs)
        {
            if (_batch == 0) _log.EpochStart(_epoch, epochs);
            _order.Fill(_epoch - 1, _windows);
            while (_batch < batches)
            {
                if (Interruption(stop) is { } reason) return Save(reason);
                if (!RunStep(batches)) return StopReason.NotFinite;
                if (Stopwatch.GetElapsedTime(_lastCheckpoint) > CheckpointInterval) SaveCheckpoint();
            }

            // The step limit stops as an interruption would: before the evaluation and the schedule of a finished epoch.
            if (Interruption(stop) is { } lateReason) return Save(lateReason);
            EndEpoch();
        }

        return StopReason.Completed;
    }

    /// <summary>Evaluates without touching schedule, history or checkpoints.</summary>
    public EvaluationResult Evaluate() => _evaluator.Run();

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Dispose();
        _log.Dispose();
        _step.Dispose();
        _evaluator.Dispose();
    }

    private StopReason? Interruption(CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return StopReason.Interrupted;
        return _stepsDone >= _setup.Settings.MaxSteps ? StopReason.MaxSteps : null;
    }

    private bool RunStep(int batches)
    {
        long start = Stopwatch.GetTimestamp();
        long number = _stepsDone + 1;
        int dimension = _setup.Data.Dimension;
        int rows = _loader.Fill(_windows, _batch, _noise, number, _contexts, _targets);
        StepResult result = _step.Run(
            _contexts.AsSpan(0, rows * _setup.Data.ContextLength * dimension), _targets.AsSpan(0, rows * dimension),
            rows, number, _epoch, _plateau.LearningRate);
        if (result.Failure is not null)
        {
            Failure = $"step {number} (epoch {_epoch}, batch {_batch}): {result.Failure}";
            _log.Line($"STOPPED at {Failure}");
            return false;
        }

        _counters.Add(result.Loss);
        if (_batch % _setup.Settings.LogEvery == 0)
        {
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            _metrics.Write(new StepRecord(number, _epoch, result.Loss, result.GradientNorm, _plateau.LearningRate, milliseconds));
        }

        _log.Step(_batch, batches, result.Loss);
        _stepsDone = number;
        _batch++;
        EpochRecord? last = _history.Count > 0 ? _history[^1] : null;
        _progress.Update(new Progress
        {
            Epoch = _epoch,
            Epochs = _setup.Settings.Epochs,
            Step = _batch,
            Steps = batches,
            StepsLeft = (long)batches * (_setup.Settings.Epochs - _epoch + 1) - _batch,
            Loss = result.Loss.Loss,
            ValidationCosine = last?.ValidationCosine ?? double.NaN,
            Margin = last?.Mini5CatMargin ?? double.NaN,
            LambdaEff = result.Loss.LambdaEff,
            Rho = result.Loss.Rho,
            Skips = _counters.Totals.Skips,
        });
        return true;
    }

    private void EndEpoch()
    {
        EvaluationResult validation = _evaluator.Run();
        _plateau.Step(validation.Loss);
        EpochTotals totals = _counters.Totals;
        _log.EpochEnd(totals, validation.Loss, validation.Cosine, validation.Mini5Cat);
        _history.Add(EpochRecord.From(_epoch, totals, validation.Loss, validation.Cosine, _plateau.LearningRate, validation.Mini5Cat));

        // A validation loss that is not finite never counts as the best one: NaN compares false.
        if (_bestValidationLoss is null ? double.IsFinite(validation.Loss) : validation.Loss < _bestValidationLoss)
        {
            _bestValidationLoss = validation.Loss;
            _folder.Checkpoints.SaveBest(_setup.Parameters, _setup.Model.Config, _stepsDone, _epoch);
            _log.SavedBest(validation.Loss);
        }

        _counters.Reset();
        _epoch++;
        _batch = 0;
        _folder.SaveHistory(_history, _bestValidationLoss, _setup.Model.Config.ParameterCount);
        SaveCheckpoint();
    }

    private StopReason Save(StopReason reason)
    {
        SaveCheckpoint();
        return reason;
    }

    private void SaveCheckpoint()
    {
        _folder.Checkpoints.Save(_setup.Parameters, _setup.Model.Config, State);
        _lastCheckpoint = Stopwatch.GetTimestamp();
    }
}
