using System.Diagnostics;
using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;
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
    private readonly LinearDecay? _decay;
    private readonly InArticleNegatives? _negatives;
    private readonly float[] _negativeVectors = [];
    private readonly int[] _negativeCounts = [];
    private readonly GuardrailCounters _counters = new();
    private readonly int[] _windows;
    private readonly float[][] _contexts;
    private readonly float[][] _targets;
    private readonly List<EpochRecord> _history;
    private readonly bool _resumed;
    private long _stepsDone;
    private int _epoch;
    private int _batch;
    private double? _bestValidationLoss;
    private long _lastCheckpointTime = Stopwatch.GetTimestamp();

    public TrainingRun(TrainingSetup setup, RunFolder folder, RunState state, bool resumed, ProgressLine progress)
    {
        TrainingSettings settings = setup.Settings;
        _setup = setup;
        _folder = folder;
        _progress = progress;
        _stepsDone = state.Step;
        LastCheckpoint = state.Step;
        _epoch = state.Epoch;
        _batch = state.Batch;
        _bestValidationLoss = state.BestValidationLoss;
        _history = [.. state.History];
        _resumed = resumed;
        _counters.Totals = state.Totals;
        _plateau = new ReduceLROnPlateau(settings.Lr);
        if (resumed) _plateau.State = state.Plateau;
        _metrics = resumed ? MetricsWriter.Resume(folder.Metrics, state.Step) : MetricsWriter.Create(folder.Metrics);
        _log = new TrainingLog(folder.Log, setup.Mode, settings.LogEvery, append: resumed, echo: progress.WriteAbove);
        _step = new TrainingStep(setup, setup.Split.Train.Length);
        _step.Dual = state.Dual;
        if (setup.Mode.ConstantRateShare is { } share)
        {
            long steps = TrainingStep.TotalSteps(settings, setup.Split.Train.Length);
            _decay = new LinearDecay(settings.Lr, (long)(share * steps), steps);
        }

        _evaluator = new Evaluator(
            setup.Device, setup.Model, setup.Parameters, setup.ValidationData, setup.Split.Validation, settings.BatchSize);
        _loader = new BatchLoader(setup.Data, settings.BatchSize);
        _order = new EpochOrder(setup.Split.Train, RandomStreams.Order(settings.Seed), !settings.NoShuffle);
        _noise = settings.LastSlotNoise > 0
            ? new LastSlotNoise((float)settings.LastSlotNoise, RandomStreams.Noise(settings.Seed))
            : default;
        _windows = new int[_order.Count];
        int dimension = setup.Data.Dimension;
        int rows = Math.Min(settings.BatchSize, _windows.Length);
        int contextLength = checked(rows * setup.Data.ContextLength * dimension);
        _contexts = [new float[contextLength], new float[contextLength]];
        _targets = [new float[rows * dimension], new float[rows * dimension]];
        if (setup.Mode.InArticle is { } contrast)
        {
            _negatives = new InArticleNegatives((ArticleStore)setup.Data, contrast.Negatives, RandomStreams.Negatives(settings.Seed));
            _negativeVectors = new float[rows * contrast.Negatives * dimension];
            _negativeCounts = new int[rows];
        }
    }

    /// <summary>Finished epochs.</summary>
    public IReadOnlyList<EpochRecord> History => _history;

    /// <summary>Steps done since the start of the run.</summary>
    public long StepsDone => _stepsDone;

    /// <summary>Step of the checkpoint that <c>--resume</c> would go on from.</summary>
    public long LastCheckpoint { get; private set; }

    /// <summary>What was not finite, or collapsed, when the run ended with <see cref="StopReason.NotFinite"/> or <see cref="StopReason.Collapsed"/>.</summary>
    public string? Failure { get; private set; }

    /// <summary>What makes an epoch the best.</summary>
    public string BestBy => LossMode.BestBy(_setup.Mode.BestByRetrieval);

    /// <summary>The best epoch so far, the first of equals, whose weights are best.safetensors; null before the first one.</summary>
    public int? BestEpoch => (_setup.Mode.BestByRetrieval
        ? _history.MaxBy(epoch => epoch.InArticleReciprocalRank)
        : _history.MinBy(epoch => epoch.ValidationLoss))?.Epoch;

    /// <summary>Ranks of the targets by the last context, once an epoch has been evaluated; null where the validation file has no articles.</summary>
    public RetrievalResult? CopyLast { get; private set; }

    private StopReason FailureReason { get; set; } = StopReason.NotFinite;

    /// <summary>The state as a checkpoint holds it.</summary>
    public RunState State => new()
    {
        Step = _stepsDone,
        Epoch = _epoch,
        Batch = _batch,
        Totals = _counters.Totals,
        Plateau = _plateau.State,
        Dual = _step.Dual,
        TrainWindows = _setup.Split.Train.Length,
        ValidationWindows = _setup.Split.Validation.Length,
        BestValidationLoss = _bestValidationLoss,
        History = [.. _history],
    };

    /// <summary>Trains until the last epoch, the step limit, a stop request or a non-finite number.</summary>
    public StopReason Run(CancellationToken stop)
    {
        int epochs = _setup.Settings.Epochs;
        int batches = _loader.BatchCount(_windows.Length);

        // The first checkpoint comes before the first result, so that a result without a checkpoint always means a lost file.
        if (!_resumed && !SaveCheckpoint()) return StopReason.NotFinite;
        if (_resumed) ContinueRecords();
        while (_epoch <= epochs)
        {
            if (_batch == 0) _log.EpochStart(_epoch, epochs);
            _order.Fill(_epoch - 1, _windows);
            while (_batch < batches)
            {
                if (Interruption(stop) is { } reason) return Save(reason);
                if (!RunStep(batches)) return FailureReason;
                if (Stopwatch.GetElapsedTime(_lastCheckpointTime) > CheckpointInterval && !SaveCheckpoint()) return StopReason.NotFinite;
            }

            // The step limit stops as an interruption would: before the evaluation and the schedule of a finished epoch.
            if (Interruption(stop) is { } lateReason) return Save(lateReason);
            if (!EndEpoch()) return StopReason.NotFinite;
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

        // Two batches in turn: the step before may still need its own.
        (float[] contexts, float[] targets) = (_contexts[number % 2], _targets[number % 2]);
        int rows = _loader.Fill(_windows, _batch, _noise, number, contexts, targets);
        double learningRate = LearningRate(number);
        Span<int> counts = _negativeCounts.AsSpan(0, _negatives is null ? 0 : rows);
        _negatives?.Fill(_windows.AsSpan(_batch * _setup.Settings.BatchSize, rows), number, _negativeVectors, counts);
        StepResult result = _step.Run(
            contexts.AsMemory(0, rows * _setup.Data.ContextLength * dimension), targets.AsMemory(0, rows * dimension),
            rows, number, _epoch, learningRate, new NegativeBatch(_negativeVectors, counts));
        bool logged = _batch % _setup.Settings.LogEvery == 0;
        if ((result.Failure ?? (logged ? _step.Complete() : null)) is { } failure) return Fail(failure, number);

        _counters.Add(result.Loss);
        if (logged)
        {
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            _metrics.Write(new StepRecord(number, _epoch, result.Loss, _step.GradientNorm, learningRate, milliseconds));
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
            StepsLeft = Math.Min((long)batches * (_setup.Settings.Epochs - _epoch + 1) - _batch, _setup.Settings.MaxSteps - _stepsDone ?? long.MaxValue),
            Loss = result.Loss.Loss,
            ValidationCosine = last?.ValidationCosine ?? double.NaN,
            Margin = last?.Mini5CatMargin ?? double.NaN,
            LambdaEff = result.Loss.LambdaEff,
            Rho = result.Loss.Rho,
            Skips = _counters.Totals.Skips,
        });
        return true;
    }

    /// <summary>On a line, in a mode that says so, or on plateaus of the validation loss.</summary>
    private double LearningRate(long step) => _decay?.At(step) ?? _plateau.LearningRate;

    private bool EndEpoch()
    {
        if (!UpdateIsFinite()) return false;
        EvaluationResult validation = _evaluator.Run();
        if (FiniteGuard.FindScalar("validation loss", validation.Loss) is { } failure) return Fail($"the end of epoch {_epoch}: {failure}");
        _plateau.Step(validation.Loss);
        CopyLast = double.IsNaN(validation.CopyLastInArticle.ReciprocalRank) ? null : validation.CopyLastInArticle;
        EpochTotals totals = _counters.Totals;
        _log.EpochEnd(totals, validation);
        _history.Add(EpochRecord.From(_epoch, totals, validation, LearningRate(_stepsDone)));

        if (_bestValidationLoss is null || validation.Loss < _bestValidationLoss) _bestValidationLoss = validation.Loss;
        if (BestEpoch == _epoch)
        {
            _folder.Checkpoints.SaveBest(_setup.Parameters, _setup.Model.Config, _stepsDone, _epoch);
            _log.SavedBest(validation);
        }

        _counters.Reset();
        _epoch++;
        _batch = 0;
        SaveHistory();
        return SaveCheckpoint();
    }

    /// <summary>Brings the records to where the checkpoint stands: a kill may have come after the history was written.</summary>
    private void ContinueRecords()
    {
        _log.Line($"Resumed at step {_stepsDone} (epoch {_epoch}, batch {_batch})");
        if (_history.Count > 0) SaveHistory();
    }

    private void SaveHistory() => _folder.SaveHistory(_history, _bestValidationLoss, _setup.Model.Config.ParameterCount);

    private StopReason Save(StopReason reason) => SaveCheckpoint() ? reason : StopReason.NotFinite;

    /// <summary>Replaces the checkpoint, unless the weights themselves have left the range of numbers.</summary>
    private bool SaveCheckpoint()
    {
        if (!UpdateIsFinite()) return false;
        _folder.Checkpoints.Save(_setup.Parameters, _setup.Model.Config, State);
        _lastCheckpointTime = Stopwatch.GetTimestamp();
        LastCheckpoint = _stepsDone;
        return true;
    }

    /// <summary>Whether the last step was made, and the weights are numbers.</summary>
    private bool UpdateIsFinite()
    {
        if (_step.Complete() is { } failure) return Fail(failure, _stepsDone);
        return FiniteGuard.FindScalar("norm of the weights", _step.WeightNorm()) is not { } sick || Fail($"the checkpoint after step {_stepsDone}: {sick}");
    }

    private bool Fail(StepFailure failure, long last)
    {
        if (failure.Collapsed) FailureReason = StopReason.Collapsed;
        return Fail($"step {failure.Step} (epoch {_epoch}, batch {_batch - (last - failure.Step)}): {failure.What}");
    }

    private bool Fail(string failure)
    {
        Failure = failure;
        _log.Line($"STOPPED at {failure}");
        return false;
    }
}
