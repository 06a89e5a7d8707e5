namespace P6bNative.Trainer.Commands;

/// <summary>Exit codes of the console.</summary>
internal static class ExitCode
{
    /// <summary>The verb did what it was asked for.</summary>
    public const int Done = 0;

    /// <summary>Bad input or usage, or a check that failed.</summary>
    public const int BadInput = 1;

    /// <summary>The model was judged, and a gate failed.</summary>
    public const int GateFailed = 2;

    /// <summary>Training stopped by a guard: a loss or gradient that is not finite.</summary>
    public const int StoppedByGuard = 3;

    /// <summary>Stopped by Ctrl-C after saving.</summary>
    public const int Interrupted = 130;
}
