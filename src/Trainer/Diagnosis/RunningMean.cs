namespace P6bNative.Trainer.Diagnosis;

/// <summary>A mean that grows by one number at a time; NaN before the first.</summary>
internal struct RunningMean
{
    private double _sum;

    public long Count { get; private set; }

    public readonly double Value => Count > 0 ? _sum / Count : double.NaN;

    /// <summary>A mean that is known already.</summary>
    public static RunningMean Of(double mean, long count) => new() { _sum = mean * count, Count = count };

    public void Add(double value)
    {
        _sum += value;
        Count++;
    }
}
