using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// Whether a run collapsed: a cosine to the target that had been learned is lost again. A cosine counts as learned from .20 on, since an
/// untrained net's wanders around 0; it is lost when it falls below half of its best earlier value.
/// </summary>
internal sealed record CollapseVerdict
{
    /// <summary>From this cosine on a net has learned something that it can lose.</summary>
    public const double Learned = 0.20;

    /// <summary>Below this share of its best a cosine is lost.</summary>
    public const double LostShare = 0.5;

    /// <summary>Logged steps whose mean is looked at: a single batch is too noisy.</summary>
    public const int LoggedWindow = 5;

    /// <summary>What the words mean.</summary>
    public const string Definition =
        "collapse = val cosine or mean pos of an epoch, or the mean pos of 5 successive logged steps, below half of its best earlier value, "
        + "once that best is at least .20";

    /// <summary>The best val cosine or pos so far; NaN where the folder has none.</summary>
    public double Best { get; private init; } = double.NaN;

    /// <summary>Whether <see cref="Best"/> is high enough to be lost.</summary>
    public bool HasLearned => Best >= Learned;

    /// <summary>The last of the first <see cref="LoggedWindow"/> logged steps whose mean pos had learned, or null.</summary>
    public long? LearnedStep { get; private init; }

    /// <summary>The first epoch that was lost, or null.</summary>
    public int? Epoch { get; private init; }

    /// <summary>The last of the first <see cref="LoggedWindow"/> logged steps that were lost, or null.</summary>
    public long? Step { get; private init; }

    /// <summary>Whether the run collapsed.</summary>
    public bool Collapsed => Epoch is not null || Step is not null;

    /// <summary>Whether the last epoch's cosines, or the last logged steps where no epoch was lost, are back above half of the best.</summary>
    public bool Recovered { get; private init; }

    /// <summary>Judges a run.</summary>
    public static CollapseVerdict Of(RunRecord run)
    {
        Course validation = Course.Of(run.Epochs.Select(epoch => epoch["val_cosine"]));
        Course train = Course.Of(run.Epochs.Select(epoch => epoch["mean_pos"]));
        (int Record, double Value)[] logged = [.. run.Logged.Finite("pos")];
        Course steps = Course.Of(Enumerable.Range(LoggedWindow, Math.Max(0, logged.Length - LoggedWindow + 1))
            .Select(end => logged.AsSpan((end - LoggedWindow)..end).ToArray().Average(step => step.Value)));
        int? epoch = Earlier(validation.FirstLost, train.FirstLost) is { } index ? run.Epochs[index].Epoch : null;
        return new CollapseVerdict
        {
            Best = ((double[])[validation.Best, train.Best, steps.Best]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max(),
            Epoch = epoch,
            LearnedStep = StepOf(steps.FirstLearned),
            Step = StepOf(steps.FirstLost),
            Recovered = epoch is null ? !steps.EndsLost : !validation.EndsLost && !train.EndsLost,
        };

        long? StepOf(int? window) => window is { } index ? run.Logged.Steps[logged[index + LoggedWindow - 1].Record] : null;
    }

    private static int? Earlier(int? a, int? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;

    /// <summary>A cosine over time.</summary>
    private readonly record struct Course(double Best, int? FirstLearned, int? FirstLost, bool EndsLost)
    {
        public static Course Of(IEnumerable<double> values)
        {
            (double best, int? learned, int? first, bool lost) = (double.NaN, null, null, false);
            foreach ((int index, double value) in values.Index())
            {
                if (!double.IsFinite(value)) continue;
                lost = best >= Learned && value < LostShare * best;
                if (lost) first ??= index;
                if (value >= Learned) learned ??= index;
                best = double.IsNaN(best) ? value : Math.Max(best, value);
            }

            return new Course(best, learned, first, lost);
        }
    }
}
