namespace P6bNative.Trainer.Data;

/// <summary>Where the targets of a sequence file come from: article and place in it.</summary>
internal static class SequenceOrigin
{
    /// <summary>
    /// The article and the chunk index of every target: from <c>article_ids</c> and <c>target_indices</c>, else from the dicts of
    /// <c>metadata</c>; null for what the file does not say.
    /// </summary>
    public static (long[]? Articles, long[]? TargetIndices) Read(NpzArchive archive, int count)
    {
        long[]? articles = ReadKey(archive, "article_ids", count);
        long[]? indices = ReadKey(archive, "target_indices", count);
        if ((articles is not null && indices is not null) || !archive.Contains("metadata"))
            return (articles, indices);

        NpyArray metadata = archive.Get("metadata");
        SequenceSet.RequireShape(metadata, $"({count},), one dict a sequence,", count);
        object?[] rows = metadata.ReadObjects();
        articles ??= ReadEntry(metadata, rows, "article_index", "article_id");
        indices ??= ReadEntry(metadata, rows, "target_chunk_index", "target_idx");
        return (articles, indices);
    }

    private static long[]? ReadKey(NpzArchive archive, string key, int count)
    {
        if (!archive.Contains(key))
            return null;
        NpyArray array = archive.Get(key);
        SequenceSet.RequireShape(array, $"({count},), one number a sequence,", count);
        return array.ReadIntegers();
    }

    // Null when no row has the entry; an error when only some have it.
    private static long[]? ReadEntry(NpyArray metadata, object?[] rows, string name, string otherName)
    {
        var values = new long[rows.Length];
        int found = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            if (rows[row] is not PickleDict dict)
                throw metadata.Wrong($"row {row} is not a dict");
            if (!dict.TryGet(name, out object? value) && !dict.TryGet(otherName, out value))
                continue;
            values[row] = value is long number ? number : throw metadata.Wrong($"row {row}: {name} is not an integer");
            found++;
        }
        if (found == 0)
            return null;
        if (found < rows.Length)
            throw metadata.Wrong($"only {found} of {rows.Length} rows have {name}; all or none must have it");
        return values;
    }
}
