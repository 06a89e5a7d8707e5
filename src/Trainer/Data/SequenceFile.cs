namespace P6bNative.Trainer.Data;

/// <summary>
/// A file of ready-made sequences (the original's format): contexts (N,5,D), targets (N,D), and who they come from in
/// <c>article_ids</c> and <c>target_indices</c> or in <c>metadata</c>. Contexts and targets that are stored as float32 or float64 are
/// read in place, never loaded; deflated or float16 ones are held in memory.
/// </summary>
public sealed class SequenceFile : ISequenceSet
{
    private readonly NpzArchive _archive;
    private readonly VectorTable _contexts;
    private readonly VectorTable _targets;
    private readonly long[]? _articles;
    private readonly long[]? _targetIndices;

    private SequenceFile(NpzArchive archive)
    {
        _archive = archive;
        ContextKey = archive.FirstOf(ContextKeys)
            ?? throw new InputException($"{archive.Path}: no contexts; one of the keys {string.Join(", ", ContextKeys)} is needed");
        TargetKey = archive.FirstOf(TargetKeys)
            ?? throw new InputException($"{archive.Path}: no targets; one of the keys {string.Join(", ", TargetKeys)} is needed");
        NpyArray contexts = archive.Get(ContextKey);
        NpyArray targets = archive.Get(TargetKey);
        SequenceSet.RequireShape(contexts, "(N, 5, D), 5 context vectors a sequence,", -1, SequenceSet.ContextLength, -1);
        long count = contexts.Header.Shape[0];
        if (count > int.MaxValue)
            throw contexts.Wrong($"{count} sequences are more than {int.MaxValue}");
        Count = (int)count;
        Dimension = DimensionOf(contexts);
        SequenceSet.RequireShape(targets, $"({Count}, {Dimension}), one target for each context of {contexts.Key},", Count, Dimension);

        _contexts = VectorTable.Open(contexts);
        _targets = VectorTable.Open(targets);
        (_articles, _targetIndices) = SequenceOrigin.Read(archive, Count);
    }

    /// <inheritdoc/>
    public string Path => _archive.Path;

    /// <inheritdoc/>
    public string Kind => "sequence file";

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public int ContextLength => SequenceSet.ContextLength;

    /// <inheritdoc/>
    public bool HasArticles => _articles is not null;

    /// <summary>The key the contexts were found under.</summary>
    internal string ContextKey { get; }

    /// <summary>The key the targets were found under.</summary>
    internal string TargetKey { get; }

    /// <summary>Norms of the context vectors as the file holds them.</summary>
    internal NormRange ContextNorms => _contexts.Norms;

    /// <summary>Norms of the targets as the file holds them.</summary>
    internal NormRange TargetNorms => _targets.Norms;

    /// <summary>Names of the contexts, the first one found counts.</summary>
    internal static string[] ContextKeys { get; } = ["context_sequences", "contexts", "train_context_sequences", "context", "X"];

    /// <summary>Names of the targets, the first one found counts.</summary>
    internal static string[] TargetKeys { get; } = ["target_vectors", "targets", "train_target_vectors", "target", "y"];

    /// <summary>Opens and checks a file; all vectors are read once.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or holds what training cannot use; the message names key and row.</exception>
    public static SequenceFile Open(string path)
    {
        NpzArchive archive = NpzArchive.Open(path);
        try
        {
            return new SequenceFile(archive);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long ArticleOf(int sequence) =>
        _articles is null ? throw new InvalidOperationException($"{Path} has no article ids.") : _articles[sequence];

    /// <inheritdoc/>
    public long? TargetIndexOf(int sequence) => _targetIndices?[sequence];

    /// <inheritdoc/>
    public void CopyContext(int sequence, Span<float> destination) => _contexts.CopyRow(sequence, destination);

    /// <inheritdoc/>
    public void CopyTarget(int sequence, Span<float> destination) => _targets.CopyRow(sequence, destination);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _archive.Dispose();

    private static int DimensionOf(NpyArray contexts)
    {
        long dimension = contexts.Header.Shape[2];
        return dimension <= ArticleStore.LargestDimension
            ? (int)dimension
            : throw contexts.Wrong($"shape is {contexts.Header.ShapeText}; vectors have at most {ArticleStore.LargestDimension} components");
    }
}
