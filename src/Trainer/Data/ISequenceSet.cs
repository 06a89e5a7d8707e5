namespace P6bNative.Trainer.Data;

/// <summary>
/// Training sequences: five context vectors in document order and the target vector that follows them. Sequences are numbered in file
/// order. All members may be called from several threads at once.
/// </summary>
public interface ISequenceSet : IDisposable
{
    /// <summary>The file, as named by the user.</summary>
    string Path { get; }

    /// <summary><c>article store</c> or <c>sequence file</c>.</summary>
    string Kind { get; }

    /// <summary>Number of sequences, at least 1.</summary>
    int Count { get; }

    /// <summary>Components of a vector, D.</summary>
    int Dimension { get; }

    /// <summary>Vectors in a context: 5.</summary>
    int ContextLength { get; }

    /// <summary>Whether sequences know their article; without, no split can keep articles apart.</summary>
    bool HasArticles { get; }

    /// <summary>The id of the article that the target of a sequence belongs to.</summary>
    /// <exception cref="InvalidOperationException"><see cref="HasArticles"/> is false.</exception>
    long ArticleOf(int sequence);

    /// <summary>The place of the target in its article (its chunk index), or null when the file does not say.</summary>
    long? TargetIndexOf(int sequence);

    /// <summary>Copies the context, oldest vector first.</summary>
    /// <param name="sequence">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">At least 5·D floats.</param>
    /// <exception cref="InputException">The file has become unreadable since it was opened.</exception>
    void CopyContext(int sequence, Span<float> destination);

    /// <summary>Copies the target.</summary>
    /// <param name="sequence">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">At least D floats.</param>
    /// <exception cref="InputException">The file has become unreadable since it was opened.</exception>
    void CopyTarget(int sequence, Span<float> destination);
}
