namespace P6bNative.Kernels.Host.Threads;

/// <summary>Items [Start, End) of one worker.</summary>
internal readonly record struct Partition(long Start, long End)
{
    /// <summary>
    /// The share of one worker when <paramref name="items"/> are dealt in contiguous runs that are multiples of
    /// <paramref name="granule"/> (the last run excepted).
    /// </summary>
    public static Partition Of(long items, int worker, int workers, int granule = 1)
    {
        long granules = (items + granule - 1) / granule;
        return new Partition(granules * worker / workers * granule, Math.Min(items, granules * (worker + 1) / workers * granule));
    }
}
