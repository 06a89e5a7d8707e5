using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Evaluation.FiveCat;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>
/// The data of <c>evaluate</c>: what the flags name, and for what they leave out the data of the run whose folder the model lies in.
/// </summary>
internal sealed class EvaluationInputs : IDisposable
{
    private readonly List<ISequenceSet> _open = [];
    private readonly EvaluateOptions _options;
    private readonly string _runConfig;
    private readonly TrainingSettings? _runSettings;
    private readonly int _targetOffset;
    private Run? _run;

    private EvaluationInputs(EvaluateOptions options)
    {
        _options = options;
        _runConfig = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Model))!, "config.json");
        _runSettings = File.Exists(_runConfig) ? TrainingSettings.Read(_runConfig) : null;
        _targetOffset = options.TargetOffset ?? _runSettings?.TargetOffset ?? 1;
    }

    /// <summary>VAL.</summary>
    public FiveCatSplit Val { get; private set; } = null!;

    /// <summary>OOD; null: not given.</summary>
    public FiveCatSplit? Ood { get; private set; }

    /// <summary>What ridge is fitted on; null: there is nothing.</summary>
    public IRegressionRows? Train { get; private set; }

    /// <summary>What ridge is fitted on, in words, or why it is not.</summary>
    public string TrainText { get; private set; } = "";

    /// <summary>Opens everything.</summary>
    /// <exception cref="InputException">A file cannot be used or is missing.</exception>
    public static EvaluationInputs Open(EvaluateOptions options)
    {
        var inputs = new EvaluationInputs(options);
        try
        {
            inputs.OpenSplits();
            inputs.OpenTrain();
            inputs.RequireOffsetIsUsed();
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>Checks that all vectors are of the model's dimension.</summary>
    /// <exception cref="InputException">A file's are not.</exception>
    public void RequireDimension(int dimension)
    {
        foreach (ISequenceSet set in _open)
        {
            if (set.Dimension != dimension)
                throw new InputException($"{set.Path}: vectors have dimension {set.Dimension}, but {_options.Model} predicts {dimension}; both must agree.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ISequenceSet set in _open) set.Dispose();
    }

    private void OpenSplits()
    {
        (ISequenceSet set, ReadOnlyMemory<int> sequences) val = _options.ValNpz is { } path ? Whole(Open(path)) : RunValidation();
        (ISequenceSet set, ReadOnlyMemory<int> sequences)? ood = _options.OodNpz is { } oodPath ? Whole(Open(oodPath)) : null;
        bool needsArticles = val.set is not ArticleStore || ood?.set is not (null or ArticleStore);
        if (_options.ArticlesNpz is not null && !needsArticles)
            throw new InputException($"--articles-npz {_options.ArticlesNpz}: not used, since the data are article stores themselves; leave the flag out.");
        ArticleStore? articles = _options.ArticlesNpz is { } articlesPath ? Keep(ArticleStore.Open(articlesPath)) : null;
        Val = Split("VAL", val.set, val.sequences, articles);
        Ood = ood is { } given ? Split("OOD", given.set, given.sequences, articles) : null;
    }

    private (ISequenceSet Set, ReadOnlyMemory<int> Sequences) RunValidation()
    {
        Run run = OpenRun()
            ?? throw new InputException($"--val-npz is missing; without it the model must lie in its run folder ({_runConfig} is not there).");
        return (run.Validation, run.Split.Validation);
    }

    private void OpenTrain()
    {
        if (_options.TrainNpz is { } path)
        {
            (ISequenceSet set, ReadOnlyMemory<int> sequences) = Whole(Open(path));
            SetTrain(set, sequences);
        }
        else if (OpenRun() is { } run)
        {
            SetTrain(run.Data, run.Split.Train);
        }
        else
        {
            TrainText = "no --train-npz, and no config.json beside the model that names the training data";
        }
    }

    private void SetTrain(ISequenceSet set, ReadOnlyMemory<int> sequences)
    {
        Train = SequenceRows.Of(set, sequences);
        TrainText = $"{sequences.Length} windows of {set.Path}";
    }

    private Run? OpenRun()
    {
        if (_run is not null || _runSettings is not { } settings) return _run;
        ISequenceSet data = Open(settings.Data, settings.TargetOffset);
        ISequenceSet? validation = settings.Val is null ? null : Open(settings.Val, settings.TargetOffset);
        return _run = new Run(data, validation ?? data, settings.Split(data, validation));
    }

    private void RequireOffsetIsUsed()
    {
        string?[] named = [_options.ValNpz, _options.OodNpz, _options.TrainNpz];
        if (_options.TargetOffset is { } offset && !_open.Any(set => set is ArticleStore && named.Contains(set.Path)))
            throw new InputException($"--target-offset {offset}: no flag names an article store; the targets of sequence files are fixed, so leave the flag out.");
    }

    private ISequenceSet Open(string path) => Open(path, _targetOffset);

    private ISequenceSet Open(string path, int targetOffset) => Keep(SequenceSet.Open(path, targetOffset));

    private T Keep<T>(T set)
        where T : ISequenceSet
    {
        _open.Add(set);
        return set;
    }

    private static (ISequenceSet Set, ReadOnlyMemory<int> Sequences) Whole(ISequenceSet set) => (set, Enumerable.Range(0, set.Count).ToArray());

    private static FiveCatSplit Split(string name, ISequenceSet set, ReadOnlyMemory<int> sequences, ArticleStore? articles)
    {
        ArticleStore store = set as ArticleStore ?? articles
            ?? throw new InputException($"--articles-npz is missing: {set.Path} is a sequence file, and tests A, B and D look at the other rows of its articles.");
        return new FiveCatSplit(name, set, sequences, store);
    }

    /// <summary>The data of the run that the model comes from.</summary>
    private sealed record Run(ISequenceSet Data, ISequenceSet Validation, ArticleSplit Split);
}
