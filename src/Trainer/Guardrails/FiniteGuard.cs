using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Guardrails;

/// <summary>
/// Stops a run before a NaN or an infinity reaches the weights. Both checks return null where all is finite, else what was not and where, in
/// words for the log.
/// </summary>
internal static class FiniteGuard
{
    /// <summary>Looks for the first statistic that is not finite.</summary>
    /// <param name="statistics">[batch, 4 + 3T] rows of <see cref="LossStatistics"/>.</param>
    /// <param name="batch">Number of samples.</param>
    /// <param name="contextLength">T.</param>
    public static string? FindStatistics(ReadOnlySpan<double> statistics, int batch, int contextLength)
    {
        int columns = LossStatistics.Columns(contextLength);
        ReadOnlySpan<double> used = statistics[..(batch * columns)];
        for (int i = 0; i < used.Length; i++)
        {
            if (!double.IsFinite(used[i]))
                return $"{NameOf(i % columns)} is {used[i]} in row {i / columns} of a batch of {batch}";
        }

        return null;
    }

    /// <summary>Checks one number of the step, such as the loss or the gradient norm.</summary>
    public static string? FindScalar(string name, double value) => double.IsFinite(value) ? null : $"{name} is {value}";

    private static string NameOf(int column) => column switch
    {
        LossStatistics.SquaredError => "|raw - target|^2",
        LossStatistics.RawSquared => "|raw|^2",
        LossStatistics.TargetSquared => "|target|^2",
        LossStatistics.RawTarget => "raw*target",
        _ => NameOf((column - 4) / 3, column),
    };

    private static string NameOf(int slot, int column) =>
        column == LossStatistics.RawContext(slot) ? $"raw*context[{slot}]"
        : column == LossStatistics.ContextSquared(slot) ? $"|context[{slot}]|^2"
        : $"target*context[{slot}]";
}
