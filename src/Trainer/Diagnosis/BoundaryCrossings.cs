using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Sequences that mix articles. Null: the file does not say.</summary>
/// <param name="Windows">Which sequences were counted.</param>
/// <param name="Count">How many there are.</param>
/// <param name="AnyContext">Those with at least one of the five contexts from another article than the target.</param>
/// <param name="LastContext">Those whose ctx4 is from another article: all that the original's <c>crosses_article</c> sees.</param>
/// <param name="TooEarly">
/// Those whose target has fewer chunks before it in its article than a window needs, so that a context must be of another one.
/// </param>
internal sealed record BoundaryCrossings(string Windows, int Count, int? AnyContext, int? LastContext, int? TooEarly)
{
    /// <summary>Of windows cut from a store as the original cuts them: across articles, in file order.</summary>
    public static BoundaryCrossings OfStore(ArticleStore store, int targetOffset)
    {
        var all = Enumerable.Range(0, store.ArticleCount).Select(store.ArticleId).ToHashSet();
        var plan = WindowPlan.Straddling(store, all, targetOffset, int.MaxValue);
        int any = 0, last = 0;
        for (int sequence = 0; sequence < plan.Count; sequence++)
        {
            long article = store.ArticleOfRow(plan.TargetRow(sequence));
            int slot = 0;
            while (slot < SequenceSet.ContextLength && store.ArticleOfRow(plan.ContextRow(sequence, slot)) == article)
                slot++;
            any += slot < SequenceSet.ContextLength ? 1 : 0;
            last += store.ArticleOfRow(plan.ContextRow(sequence, SequenceSet.ContextLength - 1)) != article ? 1 : 0;
        }
        return new BoundaryCrossings("straddling windows, as the original cuts them; training on a store cuts none", plan.Count, any, last, null);
    }

    /// <summary>Of the sequences of a file, from what it says about them.</summary>
    public static BoundaryCrossings OfSequences(SequenceFile file, SequenceNotes notes, int targetOffset)
    {
        int? tooEarly = file.TargetIndexOf(0) is null
            ? null
            : Enumerable.Range(0, file.Count).Count(sequence => file.TargetIndexOf(sequence) < SequenceSet.ContextLength + targetOffset);
        int? any = notes.ContextArticles is { } articles && file.HasArticles
            ? Enumerable.Range(0, file.Count).Count(sequence =>
                articles.AsSpan(sequence * SequenceSet.ContextLength, SequenceSet.ContextLength).ContainsAnyExcept(file.ArticleOf(sequence)))
            : null;
        int? last = notes.CrossesArticle?.Count(crosses => crosses);
        return new BoundaryCrossings("sequences of the file", file.Count, any, last, tooEarly);
    }
}
