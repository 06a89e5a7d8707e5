using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>What a sequence file says about its making, beyond what training reads. Null: it does not say.</summary>
/// <param name="TargetOffset">0: the target follows the context; 1: P6.</param>
/// <param name="CrossesArticle">The original's flag of every sequence: ctx4 and target are of different articles.</param>
/// <param name="ContextArticles">The article of every context, (N,5).</param>
internal sealed record SequenceNotes(int? TargetOffset, bool[]? CrossesArticle, long[]? ContextArticles)
{
    /// <summary>Reads the notes.</summary>
    /// <exception cref="InputException">A key has another shape or type than it should.</exception>
    public static SequenceNotes Read(string path, int count)
    {
        using NpzArchive archive = NpzArchive.Open(path);
        PickleDict[] metadata = archive.Contains("metadata") ? [.. archive.Get("metadata").ReadObjects().OfType<PickleDict>()] : [];
        long[]? contextArticles = null;
        if (archive.Contains("context_articles"))
        {
            NpyArray array = archive.Get("context_articles");
            SequenceSet.RequireShape(array, $"({count}, {SequenceSet.ContextLength}), one article id a context,", count, SequenceSet.ContextLength);
            contextArticles = array.ReadIntegers();
        }
        return new SequenceNotes(OffsetOf(archive, metadata), CrossingsOf(metadata, count), contextArticles);
    }

    private static int? OffsetOf(NpzArchive archive, PickleDict[] metadata)
    {
        if (archive.FirstOf("target_offset", "p6_offset") is { } key)
        {
            long[] values = archive.Get(key).ReadIntegers();
            return values is [>= 0 and <= int.MaxValue] ? (int)values[0] : throw archive.Get(key).Wrong("one number, 0 or above, is needed");
        }
        if (metadata.Length > 0 && metadata[0].TryGet("p6_offset", out object? value) && value is >= 0L and <= int.MaxValue)
            return (int)(long)value;
        // Only the original's maker of base files writes this key.
        return archive.Contains("excluded_articles") ? 0 : null;
    }

    private static bool[]? CrossingsOf(PickleDict[] metadata, int count)
    {
        var crosses = new bool[count];
        for (int i = 0; i < count; i++)
        {
            if (i >= metadata.Length || FlagOf(metadata[i]) is not { } flag)
                return null;
            crosses[i] = flag;
        }
        return crosses;
    }

    private static bool? FlagOf(PickleDict dict) =>
        (dict.TryGet("crosses_article", out object? value) || dict.TryGet("crosses_article_boundary", out value)) && value is bool flag ? flag : null;
}
