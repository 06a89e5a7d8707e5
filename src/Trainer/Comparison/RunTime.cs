using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// How long an epoch took, from the times of its logged steps: the files hold no clock that a resumed run and an uninterrupted one share. The
/// median, since the first step of a process also builds what the later ones reuse.
/// </summary>
internal static class RunTime
{
    /// <summary>Seconds of the epoch's steps: the median of the logged ones times their number; NaN where none was logged.</summary>
    public static double Of(RunRecord run, RecordedEpoch epoch)
    {
        double[] milliseconds =
            [.. run.Logged.Finite("ms").Where(step => run.Logged.Epochs[step.Record] == epoch.Epoch).Select(step => step.Value).Order()];
        if (milliseconds.Length == 0) return double.NaN;
        int half = milliseconds.Length / 2;
        double median = milliseconds.Length % 2 == 1 ? milliseconds[half] : (milliseconds[half - 1] + milliseconds[half]) / 2;
        return median * epoch["steps"] / 1000;
    }
}
