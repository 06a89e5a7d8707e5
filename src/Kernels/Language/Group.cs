namespace P6bNative.Kernels.Language;

/// <summary>Where a work item stands in its group.</summary>
public static class Group
{
    [ThreadStatic]
    private static (int Index, int Size) _item;

    /// <summary>Number of this work item in its group.</summary>
    public static int IdxX => _item.Index;

    /// <summary>Work items of a group.</summary>
    public static int DimX => _item.Size;

    /// <summary>Waits for all work items of the group and makes what they wrote to shared and global memory visible to each other.</summary>
    /// <exception cref="NotSupportedException">As plain C#: items run one after the other there, so only a group of one can wait.</exception>
    public static void Barrier()
    {
        if (_item.Size > 1)
            throw new NotSupportedException("A barrier in a group of several work items needs a device.");
    }

    internal static void Set(int index, int size) => _item = (index, size);
}
