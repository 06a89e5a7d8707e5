namespace P6bNative.Trainer.Telemetry;

/// <summary>Where a run stands.</summary>
internal readonly record struct Progress
{
    /// <summary>Counted from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs of the run.</summary>
    public int Epochs { get; init; }

    /// <summary>Steps done in this epoch.</summary>
    public int Step { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public int Steps { get; init; }

    /// <summary>Steps to the end of the run.</summary>
    public long StepsLeft { get; init; }

    /// <summary>Loss of the last step.</summary>
    public double Loss { get; init; }

    /// <summary>Validation cosine of the last epoch, NaN before there is one.</summary>
    public double ValidationCosine { get; init; }

    /// <summary>Mini-5CAT margin of the last epoch, NaN before there is one.</summary>
    public double Margin { get; init; }

    /// <summary>λ of the last step.</summary>
    public double LambdaEff { get; init; }

    /// <summary>ρ of the last step, before the cap.</summary>
    public double Rho { get; init; }

    /// <summary>Skipped steps of this epoch.</summary>
    public long Skips { get; init; }
}

/// <summary>
/// The state of a run in one line. On a terminal the line is redrawn in place, at most ten times a second; elsewhere (a pipe, a file) a line is
/// written every half minute. A call that writes nothing allocates nothing.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(30);

    // The rate forgets what is older than about this, in seconds.
    private const double RateHorizon = 10;

    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly int _width;
    private readonly TimeProvider _time;
    private long _writtenAt;
    private long _stepsSinceWritten;
    private double _rate;
    private int _drawn;

    /// <summary>Starts the clock.</summary>
    /// <param name="output">Where the line goes.</param>
    /// <param name="isTerminal">Redraw in place.</param>
    /// <param name="width">Columns of the terminal; a longer line is cut.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ProgressLine(TextWriter output, bool isTerminal, int width = 120, TimeProvider? time = null)
    {
        _output = output;
        _isTerminal = isTerminal;
        _width = width;
        _time = time ?? TimeProvider.System;
        _writtenAt = _time.GetTimestamp();
    }

    /// <summary>Counts a step, and writes where it is time.</summary>
    public void Update(in Progress progress)
    {
        _stepsSinceWritten++;
        long now = _time.GetTimestamp();
        TimeSpan elapsed = _time.GetElapsedTime(_writtenAt, now);
        if (elapsed < (_isTerminal ? LiveInterval : PlainInterval))
            return;

        double latest = _stepsSinceWritten / elapsed.TotalSeconds;
        _rate = _rate == 0 ? latest : _rate + (1 - Math.Exp(-elapsed.TotalSeconds / RateHorizon)) * (latest - _rate);
        _writtenAt = now;
        _stepsSinceWritten = 0;
        string line = Format(progress, _rate);
        if (_isTerminal)
            Draw(line.Length < _width ? line : line[..(_width - 1)]);
        else
            _output.WriteLine(line);
    }

    /// <summary>Writes a line of its own; the progress line comes back with the next update.</summary>
    public void WriteAbove(string line)
    {
        Clear();
        _output.WriteLine(line);
    }

    /// <summary>Takes the live line away; what was written stays.</summary>
    public void Dispose() => Clear();

    private static string Format(in Progress p, double rate)
    {
        TimeSpan left = TimeSpan.FromSeconds(Math.Min(p.StepsLeft / rate, 359_999));
        string time = $"{(int)left.TotalHours}:{left.Minutes:D2}:{left.Seconds:D2}";
        return $"epoch {p.Epoch}/{p.Epochs}  step {p.Step}/{p.Steps}  {rate:F1} steps/s  left {time}  loss {p.Loss:F6}"
            + $"  val cos {Known(p.ValidationCosine)}  margin {Known(p.Margin)}  λ {p.LambdaEff:F5}  ρ {p.Rho:F3}  skips {p.Skips}";
    }

    private static string Known(double value) => double.IsNaN(value) ? "-" : value.ToString("F4");

    private void Draw(string line)
    {
        _output.Write('\r');
        _output.Write(line.PadRight(_drawn));
        _drawn = line.Length;
    }

    private void Clear()
    {
        if (_drawn == 0)
            return;
        Draw(string.Empty);
        _output.Write('\r');
    }
}
