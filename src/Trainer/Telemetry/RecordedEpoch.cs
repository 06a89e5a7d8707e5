namespace P6bNative.Trainer.Telemetry;

/// <summary>An epoch of history.json as a reader meets it: every number by its key, also from folders that lack some keys or have more.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Values">Numbers by key; element i of an array has the key <c>name[i]</c>, null is NaN.</param>
internal sealed record RecordedEpoch(int Epoch, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The number under a key; NaN where the folder does not have it.</summary>
    public double this[string key] => Values.TryGetValue(key, out double value) ? value : double.NaN;
}
