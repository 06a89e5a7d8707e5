namespace P6bNative.Trainer.Telemetry;

/// <summary>metrics.jsonl as columns: the logged steps in order, and NaN where a record lacks a key.</summary>
internal sealed class LoggedSteps
{
    /// <summary>The keys that are kept. <c>skip</c> is 1 or 0.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "loss", "mse", "dir", "lambda_eff", "rho", "rho_capped", "pos", "neg", "gap", "ratio", "skip", "grad_norm", "raw_norm", "lr", "ms",
        "gradient_ratio", "pressure", "pressure_limit",
    ];

    private readonly List<long> _steps = [];
    private readonly List<int> _epochs = [];
    private readonly Dictionary<string, List<double>> _columns = Keys.ToDictionary(key => key, _ => new List<double>());

    /// <summary>Number of records.</summary>
    public int Count => _steps.Count;

    /// <summary>Steps since the start of the run, rising.</summary>
    public IReadOnlyList<long> Steps => _steps;

    /// <summary>The epoch of each record, counted from 1.</summary>
    public IReadOnlyList<int> Epochs => _epochs;

    /// <summary>One of <see cref="Keys"/>, a number per record.</summary>
    public IReadOnlyList<double> this[string key] => _columns[key];

    /// <summary>Whether any record has a number under this key.</summary>
    public bool Has(string key) => _columns[key].Exists(double.IsFinite);

    /// <summary>Appends a record.</summary>
    /// <param name="step">Above that of the record before.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <param name="valueOf">The number under a key.</param>
    public void Add(long step, int epoch, Func<string, double> valueOf)
    {
        _steps.Add(step);
        _epochs.Add(epoch);
        foreach (string key in Keys) _columns[key].Add(valueOf(key));
    }

    /// <summary>The finite numbers of a column with the record each stands in, in order.</summary>
    public IEnumerable<(int Record, double Value)> Finite(string key)
    {
        List<double> column = _columns[key];
        for (int i = 0; i < column.Count; i++)
        {
            if (double.IsFinite(column[i])) yield return (i, column[i]);
        }
    }
}
