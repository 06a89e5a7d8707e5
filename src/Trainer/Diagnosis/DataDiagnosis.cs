using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>What to diagnose.</summary>
/// <param name="File">The file.</param>
/// <param name="Train">The file it is compared with, or null.</param>
/// <param name="Ood">A file of another domain, compared with the same, or null.</param>
/// <param name="Store">The article store that a sequence file was cut from, or null.</param>
/// <param name="TargetOffset">0 or 1; null: what a sequence file says, 1 for stores.</param>
/// <param name="Arrow">Whether to test for an arrow of time.</param>
/// <param name="Seed">Of the bootstrap.</param>
/// <param name="Threads">That solve the regressions; 0: one per core.</param>
internal sealed record DiagnosisRequest(
    string File, string? Train, string? Ood, string? Store, int? TargetOffset, bool Arrow, long Seed, int Threads);

/// <summary>The diagnosis of a data set; shown by <c>p6b data inspect</c>.</summary>
internal sealed record DataDiagnosis
{
    private const int DefaultOffset = 1;

    /// <summary>What the file holds.</summary>
    public required DataInspection Inspection { get; init; }

    /// <summary>The target offset that the figures are of; null when a sequence file does not say.</summary>
    public required int? TargetOffset { get; init; }

    /// <summary>Windows that mix articles.</summary>
    public required BoundaryCrossings Boundaries { get; init; }

    /// <summary>Similarity of ctx4 to rows around the target; empty when the file cannot tell.</summary>
    public IReadOnlyList<OffsetPoint> Curve { get; init; } = [];

    /// <summary>Those of the four figures called Δ that the file can tell.</summary>
    public IReadOnlyList<DirectionFigure> Direction { get; init; } = [];

    /// <summary>Windows that the regressions of the arrow test were fitted on.</summary>
    public int ArrowFittedWindows { get; private set; }

    /// <summary>The arrow test on each held-out file; empty when it was not or cannot be done.</summary>
    public IReadOnlyList<ArrowScore> Arrow { get; private set; } = [];

    /// <summary>How like the training file the others are.</summary>
    public IReadOnlyList<SplitParity> Parity { get; private set; } = [];

    /// <summary>What could not be told, and why; a line each.</summary>
    public List<string> Unanswered { get; } = [];

    /// <summary>Diagnoses a file.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="openDevice">Opens the device of the regressions, when they are needed.</param>
    /// <exception cref="InputException">A file is missing, damaged, or does not fit the others.</exception>
    public static DataDiagnosis Of(DiagnosisRequest request, Func<Device> openDevice)
    {
        using ISequenceSet file = SequenceSet.Open(request.File, request.TargetOffset ?? DefaultOffset);
        using ISequenceSet? train = request.Train is null ? null : SequenceSet.Open(request.Train, request.TargetOffset ?? DefaultOffset);
        using ISequenceSet? ood = request.Ood is null ? null : SequenceSet.Open(request.Ood, request.TargetOffset ?? DefaultOffset);
        DataDiagnosis diagnosis = file is ArticleStore store ? OfStore(store, request) : OfSequences((SequenceFile)file, request);
        diagnosis.Compare(file, train, ood);
        if (request.Arrow)
            diagnosis.TestArrow(file, train, ood, request, openDevice);
        return diagnosis;
    }

    private static DataDiagnosis OfStore(ArticleStore store, DiagnosisRequest request)
    {
        if (request.Store is not null)
            throw new InputException($"--store {request.Store}: {store.Path} is an article store itself");
        StoreDirection direction = StoreDirection.Of(store, store.TargetOffset);
        var diagnosis = new DataDiagnosis
        {
            Inspection = DataInspection.OfStore(store, direction.Lags),
            TargetOffset = store.TargetOffset,
            Boundaries = BoundaryCrossings.OfStore(store, store.TargetOffset),
            Curve = direction.Curve,
            Direction = direction.Figures,
        };
        if (direction.Curve.Count == 0)
            diagnosis.Unanswered.Add("offset curve: no article is long enough for target - 3 .. target + 3");
        return diagnosis;
    }

    private static DataDiagnosis OfSequences(SequenceFile file, DiagnosisRequest request)
    {
        SequenceNotes notes = SequenceNotes.Read(file.Path, file.Count);
        if (request.TargetOffset is { } asked && notes.TargetOffset is { } stated && asked != stated)
            throw new InputException($"--target-offset {asked}: {file.Path} says that its targets have offset {stated}");
        int? offset = notes.TargetOffset ?? request.TargetOffset;
        SequenceCosines cosines = SequenceCosines.Of(file);
        using ArticleStore? store = request.Store is null ? null : ArticleStore.OpenRows(request.Store);
        SequencesInStore? inStore = store is null || offset is null ? null : SequencesInStore.Of(file, store, offset.Value);
        BoundaryCrossings boundaries = BoundaryCrossings.OfSequences(file, notes, offset ?? 0);
        var diagnosis = new DataDiagnosis
        {
            Inspection = DataInspection.OfSequences(file, cosines),
            TargetOffset = offset,
            Boundaries = inStore is null ? boundaries : boundaries with { AnyContext = inStore.AnyContext },
            Curve = inStore?.Curve ?? [],
            Direction = inStore?.Figures ?? InFile(cosines, offset),
        };
        if (offset is null)
        {
            diagnosis.Unanswered.Add("direction: the file does not say whether its targets follow the context (0) or are P6 targets (1); "
                + "--target-offset says it");
        }
        if (inStore is not null && inStore.Found < file.Count)
        {
            diagnosis.Unanswered.Add(
                $"{file.Count - inStore.Found} sequences whose target is not the store's chunk at that place are left out of what the store tells");
        }
        if (store is null)
        {
            diagnosis.Unanswered.Add("offset curve and the figures that need other rows than the file has: they are in the article store; "
                + "--store FILE names it");
        }
        return diagnosis;
    }

    // A figure that compares target and contexts only; which lag the target is at decides what it is.
    private static DirectionFigure[] InFile(SequenceCosines cosines, int? offset) => offset switch
    {
        0 => [DirectionFigure.Decline(Of(cosines.LastMinusFirst, cosines)), DirectionFigure.Balance(Of(-cosines.BeforeMinusTarget, cosines))],
        1 => [DirectionFigure.Across(Of(-cosines.BeforeMinusTarget, cosines))],
        _ => [],
    };

    private static RunningMean Of(double mean, SequenceCosines cosines) => RunningMean.Of(mean, cosines.Count);

    private void Compare(ISequenceSet file, ISequenceSet? train, ISequenceSet? ood)
    {
        if (train is null && ood is null)
            return;
        // Without --train the file itself is what the other domain is compared with.
        ISequenceSet basis = train ?? file;
        SequenceCosines expected = Measured(basis, basis);
        var parity = new List<SplitParity>();
        if (train is not null)
            parity.Add(SplitParity.Of("val", train.Path, expected, file.Path, Measured(file, basis)));
        if (ood is not null)
            parity.Add(SplitParity.Of("ood", basis.Path, expected, ood.Path, Measured(ood, basis)));
        Parity = parity;
    }

    private static SequenceCosines Measured(ISequenceSet set, ISequenceSet basis)
    {
        if (set.Dimension != basis.Dimension)
            throw new InputException($"{set.Path}: vectors of {set.Dimension} components; {basis.Path} has {basis.Dimension}");
        if (OffsetOf(set) is { } offset && OffsetOf(basis) is { } other && offset != other)
            throw new InputException($"{set.Path}: targets at offset {offset}, those of {basis.Path} at {other}; their figures cannot be compared");
        return SequenceCosines.Of(set);
    }

    private static int? OffsetOf(ISequenceSet set) =>
        set is ArticleStore store ? store.TargetOffset : SequenceNotes.Read(set.Path, set.Count).TargetOffset;

    private void TestArrow(ISequenceSet file, ISequenceSet? train, ISequenceSet? ood, DiagnosisRequest request, Func<Device> openDevice)
    {
        if (file is not ArticleStore || train is not (null or ArticleStore) || ood is not (null or ArticleStore))
        {
            Unanswered.Add("arrow of time: needs all rows of a window in order, which article stores have and sequence files have not");
            return;
        }
        if (train is null && ((ArticleStore)file).ArticlesWithSequences < 2)
        {
            Unanswered.Add("arrow of time: needs articles to fit on and others to score; the store has windows in one only, --train FILE names more");
            return;
        }
        using Device device = openDevice();
        ArticleSplit split = train is null ? ArticleSplit.Of(file, (ulong)request.Seed) : ArticleSplit.Whole(train, file);
        using ArrowOfTime arrow = ArrowOfTime.Fit(device, (ArticleStore)(train ?? file), split.Train, request.Threads);
        ArrowFittedWindows = arrow.FittedWindows;
        var scores = new List<ArrowScore> { arrow.Score((ArticleStore)file, split.Validation, (ulong)request.Seed) };
        if (ood is ArticleStore other)
            scores.Add(arrow.Score(other, Enumerable.Range(0, other.Count).ToArray(), (ulong)request.Seed));
        Arrow = scores;
    }
}
