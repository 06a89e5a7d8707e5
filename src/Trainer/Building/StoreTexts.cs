using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>Texts that a store may hold, as an array of text or of objects.</summary>
internal static class StoreTexts
{
    /// <summary>One text a row; null when the store has no such key.</summary>
    /// <exception cref="InputException">Another shape, or something else than texts.</exception>
    public static string[]? Read(NpzArchive archive, string key, int rows)
    {
        if (!archive.Contains(key))
            return null;
        NpyArray array = archive.Get(key);
        SequenceSet.RequireShape(array, $"({rows},), one text a vector,", rows);
        if (array.Header.Kind == NpyKind.Unicode)
            return array.ReadStrings();
        object?[] values = array.ReadObjects();
        int wrong = Array.FindIndex(values, value => value is not string);
        return wrong < 0 ? [.. values.Cast<string>()] : throw array.Wrong($"row {wrong} is not a text");
    }

    /// <summary>A text of shape (); null when the store has none.</summary>
    public static string? ReadOne(NpzArchive archive, string key) =>
        archive.Contains(key) && archive.Get(key) is { Header: { Kind: NpyKind.Unicode, Count: 1 } } array ? array.ReadStrings()[0] : null;
}
