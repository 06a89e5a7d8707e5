namespace P6bNative.Trainer.Comparison;

/// <summary>How people are shown a measure; files hold full precision.</summary>
internal enum NumberStyle
{
    /// <summary>A cosine: .4599.</summary>
    Cosine,

    /// <summary>A difference, with its sign: +.0025.</summary>
    Difference,

    /// <summary>A loss of about 1e-3: .001410.</summary>
    Loss,

    /// <summary>A small number over many orders: 4.6e-4.</summary>
    Scientific,

    /// <summary>A ratio around 1: .250; one digit from 10 on, none from 100 on.</summary>
    Ratio,

    /// <summary>A share: 1.2%.</summary>
    Percent,

    /// <summary>A whole number: 24,804.</summary>
    Count,

    /// <summary>Seconds: 12.3.</summary>
    Seconds,
}

/// <summary>Numbers as text for tables; what a run folder does not have is a dash.</summary>
internal static class NumberText
{
    /// <summary>Stands for a number that is not there.</summary>
    public const string None = "-";

    /// <summary>The number in a style.</summary>
    public static string Of(double value, NumberStyle style) => !double.IsFinite(value) ? None : style switch
    {
        NumberStyle.Cosine => value.ToString(".0000;-.0000;.0000"),
        NumberStyle.Difference => value.ToString("+.0000;-.0000;.0000"),
        NumberStyle.Loss => value.ToString(".000000;-.000000;.000000"),
        NumberStyle.Scientific => value == 0 ? "0" : value.ToString("0.0e-0"),
        NumberStyle.Ratio => value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 10 => "0.0", _ => ".000;-.000;.000" }),
        NumberStyle.Percent => value.ToString("0.0%"),
        NumberStyle.Count => value.ToString("N0"),
        _ => value.ToString("N1"),
    };
}
