using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>
/// Writes some articles of a store as a store. Arrays with one entry a row lose the rows of the other articles, bit for bit as they were;
/// all other arrays, such as titles that article ids point into, are copied whole. Article ids and the order of rows stay.
/// </summary>
internal static class StoreSubset
{
    public static void Write(ArticleStore store, IReadOnlySet<long> articles, string path)
    {
        bool[] kept = [.. Enumerable.Range(0, store.RowCount).Select(row => articles.Contains(store.ArticleOfRow(row)))];
        using NpzArchive archive = NpzArchive.Open(store.Path);
        using var file = new NpzWriter(path);
        foreach (NpyArray array in archive.Keys.Select(archive.Get))
        {
            IReadOnlyList<long> shape = array.Header.Shape;
            bool byRow = shape.Count > 0 && shape[0] == store.RowCount;
            if (array.Header.Kind == NpyKind.Object)
                CopyObjects(file, array, byRow ? kept : null);
            else if (byRow)
                CopyRows(file, array, kept);
            else
                CopyWhole(file, array);
        }
        file.Complete();
    }

    private static void CopyObjects(NpzWriter file, NpyArray array, bool[]? kept)
    {
        object?[] values = array.ReadObjects();
        if (kept is null)
        {
            file.AddObjects(array.Key, [.. array.Header.Shape], pickle => Array.ForEach(values, pickle.Add));
            return;
        }
        int items = values.Length / kept.Length;
        object?[] left = [.. values.Where((_, i) => kept[i / items])];
        file.AddObjects(array.Key, Shape(array, kept), pickle => Array.ForEach(left, pickle.Add));
    }

    private static void CopyRows(NpzWriter file, NpyArray array, bool[] kept)
    {
        RequireRowMajor(array);
        long[] shape = Shape(array, kept);
        var row = new byte[checked((int)(array.Header.Count / kept.Length * ItemSize(array)))];
        using Stream content = array.OpenData();
        using NpyRowWriter rows = file.AddBytes(array.Key, array.Header.Descr, ItemSize(array), shape);
        foreach (bool keep in kept)
        {
            content.ReadExactly(row);
            if (keep)
                rows.WriteBytes(row);
        }
    }

    private static void CopyWhole(NpzWriter file, NpyArray array)
    {
        RequireRowMajor(array);
        var buffer = new byte[1 << 16];
        using Stream content = array.OpenData();
        using NpyRowWriter rows = file.AddBytes(array.Key, array.Header.Descr, ItemSize(array), [.. array.Header.Shape]);
        for (int count = content.Read(buffer); count > 0; count = content.Read(buffer))
            rows.WriteBytes(buffer.AsSpan(0, count));
    }

    private static long[] Shape(NpyArray array, bool[] kept) => [kept.Count(keep => keep), .. array.Header.Shape.Skip(1)];

    private static int ItemSize(NpyArray array) => array.Header.ItemSize > 0
        ? array.Header.ItemSize
        : throw array.Wrong($"dtype {array.Header.Descr} cannot be copied; remove the key, or save it as numbers or text");

    private static void RequireRowMajor(NpyArray array)
    {
        if (array.Header.FortranOrder && array.Header.Shape.Count > 1)
            throw array.Wrong("in Fortran order; save it with numpy.ascontiguousarray, so that its rows lie side by side");
    }
}
