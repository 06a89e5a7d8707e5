namespace P6bNative.Kernels.Devices;

/// <summary>Time spent under one name.</summary>
/// <param name="Name">An operation (host, reference), or a kernel or copy (GPU).</param>
/// <param name="Calls">How often it ran.</param>
/// <param name="Milliseconds">Total time.</param>
public sealed record ProfileRow(string Name, long Calls, double Milliseconds);

/// <summary>Where the time of a device goes, from <see cref="Device.StartProfiling"/> on. Disposing it ends the measurement.</summary>
public sealed class DeviceProfile : IDisposable
{
    private readonly Dictionary<string, (long Calls, double Milliseconds)> _times = [];
    private readonly Action _collect;
    private readonly Action _end;

    /// <param name="collect">Brings in what has run and was not added yet.</param>
    /// <param name="end">Ends the measurement.</param>
    internal DeviceProfile(Action collect, Action end) => (_collect, _end) = (collect, end);

    /// <summary>The times so far, longest first. Waits for the device.</summary>
    public IReadOnlyList<ProfileRow> Rows()
    {
        _collect();
        return
        [
            .. _times.Select(time => new ProfileRow(time.Key, time.Value.Calls, time.Value.Milliseconds))
                .OrderByDescending(row => row.Milliseconds).ThenBy(row => row.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Starts again from nothing, e.g. after a warm-up. Waits for the device.</summary>
    public void Clear()
    {
        _collect();
        _times.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _end();

    internal void Add(string name, double milliseconds)
    {
        (long calls, double total) = _times.GetValueOrDefault(name);
        _times[name] = (calls + 1, total + milliseconds);
    }
}
