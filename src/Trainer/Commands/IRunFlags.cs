namespace P6bNative.Trainer.Commands;

/// <summary>The flags that say which loss a run has on which data: those that <c>train</c> and <c>forecast</c> share. Null means "not given".</summary>
internal interface IRunFlags
{
    string? Data { get; }

    string? Val { get; }

    int? TargetOffset { get; }

    string? Mode { get; }

    string? Negative { get; }

    double? GradientCap { get; }

    double? Margin { get; }

    double? SMax { get; }

    string? Config { get; }
}
