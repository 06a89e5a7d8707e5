namespace P6bNative.Trainer.Comparison;

/// <summary>A curve of a panel.</summary>
/// <param name="Run">Index of the run, which decides colour and dashes.</param>
/// <param name="Points">By rising x; a y that is not finite is a gap.</param>
internal sealed record Curve(int Run, IReadOnlyList<(double X, double Y)> Points);

/// <summary>One chart: what is drawn over what.</summary>
/// <param name="Title">The measure.</param>
/// <param name="XUnit">Unit of the horizontal axis.</param>
/// <param name="YUnit">Unit of the vertical axis.</param>
/// <param name="Curves">A curve for each run that has the measure.</param>
/// <param name="Marks">Whether each point gets a dot.</param>
internal sealed record Panel(string Title, string XUnit, string YUnit, IReadOnlyList<Curve> Curves, bool Marks)
{
    /// <summary>A horizontal line to compare with, such as 0 for a margin; null for none.</summary>
    public double? Reference { get; init; }

    /// <summary>Logarithmic vertical axis; numbers of 0 and below are gaps.</summary>
    public bool Logarithmic { get; init; }
}

/// <summary>The range of an axis and where its labels stand.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end, above the lower one.</param>
/// <param name="Ticks">Round numbers inside.</param>
internal sealed record Axis(double Low, double High, IReadOnlyList<double> Ticks)
{
    /// <summary>An axis over numbers, with about <paramref name="count"/> ticks at 1, 2 or 5 times a power of ten.</summary>
    public static Axis Over(double low, double high, int count)
    {
        if (!(high > low))
        {
            double room = Math.Max(Math.Abs(low) * 0.1, 1e-3);
            (low, high) = (low - room, high + room);
        }

        double rough = (high - low) / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        long first = (long)Math.Ceiling(low / step), last = (long)Math.Floor(high / step);
        return new Axis(low, high, [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => (first + i) * step)]);
    }

    /// <summary>An axis over powers of ten, given as their exponents.</summary>
    public static Axis OverDecades(double low, double high)
    {
        (double first, double last) = (Math.Floor(low), Math.Ceiling(high));
        if (!(last > first)) last = first + 1;
        int every = Math.Max(1, (int)Math.Ceiling((last - first) / 5));
        return new Axis(first, last, [.. Enumerable.Range(0, (int)((last - first) / every) + 1).Select(i => first + i * every)]);
    }

    /// <summary>Where a number stands, 0 at the lower end and 1 at the upper one.</summary>
    public double Position(double value) => (value - Low) / (High - Low);
}
