namespace P6bNative.Trainer.Training;

/// <summary>Why a run ended.</summary>
internal enum StopReason
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary><c>--max-steps</c> was reached; resumable.</summary>
    MaxSteps,

    /// <summary>Ctrl-C; saved and resumable.</summary>
    Interrupted,

    /// <summary>A loss or gradient was not finite, or the weights themselves; no checkpoint was overwritten.</summary>
    NotFinite,

    /// <summary>The mode's stop rule saw the cosine fall; no checkpoint was overwritten.</summary>
    Collapsed,
}
