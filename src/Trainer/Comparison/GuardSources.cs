using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// Where an answer can come from: history.json knows every step of the finished epochs, metrics.jsonl only the logged ones, but singly.
/// </summary>
internal sealed class GuardSources(RunRecord run)
{
    /// <summary>The run.</summary>
    public RunRecord Run => run;

    /// <summary>history.json and how many steps it speaks of.</summary>
    public string History => run.Epochs.Count == 0
        ? "history.json: no finished epoch yet"
        : $"history.json: {run.Epochs.Count} finished epochs, each of their {run.EpochSteps:N0} steps";

    /// <summary>metrics.jsonl and how many steps it has records of.</summary>
    public string Metrics => $"metrics.jsonl: {run.Logged.Count:N0} logged of {run.LastStep:N0} steps";

    /// <summary>
    /// The largest (or lowest) number of a quantity: of every step where an epoch has it, of the logged steps in the epochs that do not, such as
    /// the one in progress.
    /// </summary>
    /// <param name="epochKey">The extreme's key in history.json.</param>
    /// <param name="stepKey">The quantity's key in metrics.jsonl.</param>
    /// <param name="lowest">Looks for the lowest.</param>
    public Extreme Extreme(string epochKey, string stepKey, bool lowest = false)
    {
        (int Epoch, double Value)[] counted =
            [.. run.Epochs.Select(epoch => (epoch.Epoch, Value: epoch[epochKey])).Where(epoch => double.IsFinite(epoch.Value))];
        HashSet<int> whole = [.. counted.Select(epoch => epoch.Epoch)];
        (int Epoch, double Value)[] logged =
            [.. run.Logged.Finite(stepKey).Select(step => (run.Logged.Epochs[step.Record], step.Value)).Where(step => !whole.Contains(step.Item1))];
        if (counted.Length + logged.Length == 0)
            return new Extreme(double.NaN, 0, $"neither history.json ({epochKey}) nor metrics.jsonl ({stepKey}) of this run has it");
        (int at, double value) = counted.Concat(logged).MaxBy(number => lowest ? -number.Value : number.Value);
        string restsOn = counted.Length == 0 ? Metrics : logged.Length == 0 ? History
            : $"history.json: {counted.Length} epochs, each step; metrics.jsonl: {logged.Length:N0} logged steps of other epochs";
        return new Extreme(value, at, restsOn);
    }

    /// <summary>The first logged step whose number passes a test; null where none does.</summary>
    public long? FirstStep(string stepKey, Func<double, bool> test)
    {
        foreach ((int record, double value) in run.Logged.Finite(stepKey))
        {
            if (test(value)) return run.Logged.Steps[record];
        }

        return null;
    }

    /// <summary>The last logged step whose number passes a test; null where none does.</summary>
    public long? LastStep(string stepKey, Func<double, bool> test)
    {
        (int Record, double Value)[] steps = [.. run.Logged.Finite(stepKey).Where(step => test(step.Value))];
        return steps.Length > 0 ? run.Logged.Steps[steps[^1].Record] : null;
    }

    /// <summary>The first epoch whose number passes a test; null where none does.</summary>
    public int? FirstEpoch(Func<RecordedEpoch, bool> test) => run.Epochs.FirstOrDefault(test)?.Epoch;
}

/// <summary>The largest or lowest number of a quantity.</summary>
/// <param name="Value">NaN where the folder does not have it.</param>
/// <param name="Epoch">Where it was.</param>
/// <param name="RestsOn">The file and its records.</param>
internal readonly record struct Extreme(double Value, int Epoch, string RestsOn);
