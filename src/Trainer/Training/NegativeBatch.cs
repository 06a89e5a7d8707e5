namespace P6bNative.Trainer.Training;

/// <summary>The in-article negatives of a batch.</summary>
/// <param name="vectors">[rows, K, D].</param>
/// <param name="counts">[rows]: how many of a sequence's K there are.</param>
internal readonly ref struct NegativeBatch(ReadOnlySpan<float> vectors, ReadOnlySpan<int> counts)
{
    /// <summary>[rows, K, D].</summary>
    public ReadOnlySpan<float> Vectors { get; } = vectors;

    /// <summary>[rows].</summary>
    public ReadOnlySpan<int> Counts { get; } = counts;
}
