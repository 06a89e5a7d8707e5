namespace P6bNative.Trainer.Data;

/// <summary>Opens either kind of data file.</summary>
public static class SequenceSet
{
    /// <summary>Vectors in a context.</summary>
    public const int ContextLength = 5;

    /// <summary>Opens a file as the kind its keys say: a sequence file has targets, an article store has vectors.</summary>
    /// <param name="path">The .npz file.</param>
    /// <param name="targetOffset">For a store: 1 makes row i+6 the target of context i..i+4 (P6), 0 row i+5.</param>
    /// <exception cref="InputException">The file is missing, damaged, of neither kind, or holds what training cannot use.</exception>
    public static ISequenceSet Open(string path, int targetOffset = 1)
    {
        using (NpzArchive archive = NpzArchive.Open(path))
        {
            if (archive.FirstOf(SequenceFile.TargetKeys) is null)
            {
                if (archive.FirstOf(ArticleStore.VectorKeys) is not null)
                    return ArticleStore.Open(path, targetOffset);
                throw new InputException($"{archive.Path}: neither a sequence file (context_sequences, target_vectors) nor an article store "
                    + $"(vectors, article_indices); its keys are {MessageText.OneLine(string.Join(", ", archive.Keys), 300)}");
            }
        }
        return SequenceFile.Open(path);
    }

    /// <summary>Checks that an array has the shape that a message can name: extents below 0 may be anything above 0.</summary>
    internal static void RequireShape(NpyArray array, string meaning, params ReadOnlySpan<long> shape)
    {
        IReadOnlyList<long> actual = array.Header.Shape;
        bool fits = actual.Count == shape.Length;
        for (int axis = 0; fits && axis < shape.Length; axis++)
            fits = shape[axis] < 0 ? actual[axis] > 0 : actual[axis] == shape[axis];
        if (!fits && actual.Contains(0))
            throw array.Wrong($"empty, shape is {array.Header.ShapeText}; {meaning} is needed");
        if (!fits)
            throw array.Wrong($"shape is {array.Header.ShapeText}; {meaning} is needed");
    }
}
